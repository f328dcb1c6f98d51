/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dear.c  A list of beginnings: ITU-T E.164 for what belongs to no country, the
 * plans of some countries, and those of country code 1 that are no mainland.
 * Must not know who wants to ring.
 */
#include <string.h>

#include "dear.h"


static const char *const beginnings[] = {
	/* no country's: shared cost, Inmarsat, personal, satellites, networks
	 * of their own, premium */
	"808", "870", "878", "881", "882", "883", "888", "979", "991",
	/* islands far away, whose numbers are sold */
	"239", "247", "290", "500", "672", "674", "675", "676", "677", "678",
	"679", "681", "682", "683", "685", "686", "687", "688", "690", "692",
	/* +1: premium, and what is charged as abroad */
	"1900", "1976", "1242", "1246", "1264", "1268", "1284", "1345", "1441",
	"1473", "1649", "1658", "1664", "1721", "1758", "1767", "1784",
	"1809", "1829", "1849", "1868", "1869", "1876",
	/* premium and shared cost at home */
	"31900", "31906", "31909", "32900", "32901", "32902", "32903", "32904",
	"32905", "32906", "32907", "32909", "3381", "3382", "3389", "34803",
	"34806", "34807", "34901", "34902", "34905", "39144", "39166", "39892",
	"39894", "39895", "39899", "4184", "41900", "41901", "41906", "43810",
	"43820", "43821", "43900", "43901", "43930", "43931", "43939", "4470",
	"44843", "44844", "44845", "44870", "44871", "44872", "44873", "449",
	"46900", "46939", "46944", "48300", "48400", "48700", "49137", "49180",
	"49190", "49900",
};


size_t dear_digits(const char *digits)
{
	size_t most = 0;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]);
	     i++) {
		const size_t n = strlen(beginnings[i]);

		if (n > most && !strncmp(digits, beginnings[i], n))
			most = n;
	}

	return most;
}
