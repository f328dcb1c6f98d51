/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sealed.c  Keys and sealed things in JSON. Must not look into them.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "sealed.h"

enum {
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	NUMBER_TEXT = 24,
};


json_t *sealed_json(const uint8_t *bytes, size_t n)
{
	const size_t size = sodium_base64_encoded_len(n, BASE64);
	char *text = malloc(size);
	json_t *json;

	if (!text)
		return NULL;
	(void)sodium_bin2base64(text, size, bytes, n, BASE64);
	json = json_string(text);
	free(text);

	return json;
}


size_t sealed_bytes(uint8_t *bytes, size_t most, const char *text)
{
	size_t n;

	if (sodium_base642bin(bytes, most, text, strlen(text), NULL, &n, NULL,
			      BASE64))
		return 0;

	return n;
}


json_t *sealed_number_json(uint64_t v)
{
	char text[NUMBER_TEXT];

	(void)snprintf(text, sizeof(text), "%" PRIu64, v);

	return json_string(text);
}


int sealed_number(uint64_t *vp, const char *text)
{
	return !strchr(text, '/') && path_match(vp, 1, "{}", text) ? 0
								   : EINVAL;
}
