# SPDX-License-Identifier: AGPL-3.0-or-later
# Short names for what people do. The build itself is meson's.
BUILD ?= build

SIP_PORT  ?= 5060
HTTP_PORT ?= 8080
CALLERS   ?= 3

.PHONY: all build deps demo test test-long clean

all: deps build

deps:
	@tools/install-deps.sh build

build:
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) >/dev/null
	@ninja -C $(BUILD)

demo: all
	@BUILD=$(BUILD) SIP_PORT=$(SIP_PORT) HTTP_PORT=$(HTTP_PORT) \
		CALLERS=$(CALLERS) tools/demo.sh

test:
	@tools/install-deps.sh build test
	@$(MAKE) --no-print-directory build
	@BUILD=$(BUILD) tests/run.py

test-long:
	@tools/install-deps.sh build test
	@$(MAKE) --no-print-directory build
	@BUILD=$(BUILD) tests/run.py --long

clean:
	@rm -rf $(BUILD)
