# SPDX-License-Identifier: AGPL-3.0-or-later
# Short names for what people do. The build itself is meson's.
BUILD ?= build

SIP_PORT  ?= 5060
HTTP_PORT ?= 8080
CALLERS   ?= 3
FUZZ_SECONDS ?= 600

.PHONY: all build build-tests deps demo test test-long fuzz clean

quietly = { out=$$($(1) 2>&1) || { echo "$$out"; exit 1; }; }

all: deps build

deps:
	@tools/install-deps.sh build

# meson's report is shown only if something is wrong; no tests unless asked for
build:
	@test -f $(BUILD)/build.ninja || \
		$(call quietly,meson setup -Dtests=disabled $(BUILD))
	@ninja -C $(BUILD)

build-tests:
	@$(call quietly,meson setup $$(test ! -f $(BUILD)/build.ninja || \
		echo --reconfigure) -Dtests=enabled $(BUILD))
	@ninja -C $(BUILD)

demo: all
	@BUILD=$(BUILD) SIP_PORT=$(SIP_PORT) HTTP_PORT=$(HTTP_PORT) \
		CALLERS=$(CALLERS) exec tools/demo.sh

test:
	@tools/install-deps.sh build test
	@$(MAKE) --no-print-directory build-tests
	@BUILD=$(BUILD) tests/run.py

test-long:
	@tools/install-deps.sh build test
	@$(MAKE) --no-print-directory build-tests
	@BUILD=$(BUILD) tests/run.py --long
	@$(MAKE) --no-print-directory fuzz

# made-up input, ten minutes for each target; needs clang
fuzz:
	@tools/install-deps.sh build test check
	@test -f build-fuzz/build.ninja || \
		$(call quietly,CC=clang meson setup build-fuzz -Dtests=enabled \
			-Dfuzz=true -Db_sanitize=address,undefined \
			-Db_lundef=false)
	@ninja -C build-fuzz fuzz
	@BUILD=build-fuzz tests/fuzz/run --seconds $(FUZZ_SECONDS)

clean:
	@rm -rf $(BUILD) build-fuzz
