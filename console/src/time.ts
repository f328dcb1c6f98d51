// SPDX-License-Identifier: AGPL-3.0-or-later
/** Times in words. Pure. */

/** 75 000 -> "1:15", 3 675 000 -> "1:01:15"; never negative. */
export function clock(ms: number): string {
	const s = Math.max(0, Math.floor(ms / 1000));
	const two = (n: number) => String(n).padStart(2, "0");
	const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];

	return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

const UNITS = [
	{ unit: "day", ms: 86_400_000 },
	{ unit: "hour", ms: 3_600_000 },
	{ unit: "minute", ms: 60_000 },
] as const;

/** "in 5 minutes", "2 hours ago"; under a minute "now" as that language says
 *  it. Never rounded up: "in 1 hour" is at least one hour. */
export function relative(language: string, ms: number): string {
	const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
	const row = UNITS.find((u) => Math.abs(ms) >= u.ms);

	return row ? words.format(Math.trunc(ms / row.ms), row.unit)
		: words.format(0, "second");
}

/** "2 min 5 s" for a screen reader and people alike. */
export function span(language: string, ms: number): string {
	const s = Math.max(0, Math.floor(ms / 1000));
	const say = (n: number, unit: string) =>
		new Intl.NumberFormat(language, { style: "unit", unit,
			unitDisplay: "short" }).format(n);
	const parts = [
		[Math.floor(s / 3600), "hour"],
		[Math.floor(s / 60) % 60, "minute"],
		[s % 60, "second"],
	] as const;
	const shown = parts.filter(([n, unit]) =>
		n > 0 && !(s >= 3600 && unit === "second"));

	return shown.length ? shown.map(([n, u]) => say(n, u)).join(" ")
		: say(0, "second");
}

/** Date and time of day. */
export function moment(language: string, at: number): string {
	return new Intl.DateTimeFormat(language, { dateStyle: "medium",
		timeStyle: "short" }).format(at);
}

/** "21 November 2026" for "2026-11-21". */
export function date(language: string, day: string): string {
	return new Intl.DateTimeFormat(language, { dateStyle: "long",
		timeZone: "UTC" }).format(Date.parse(day));
}

/** The local day, "2026-02-03". */
export function day_of(at: Date): string {
	const two = (n: number) => String(n).padStart(2, "0");

	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-` +
		two(at.getDate());
}

/** "español" for "es". */
export function language_name(language: string, code: string): string {
	try {
		return new Intl.DisplayNames([language], { type: "language" })
			.of(code) ?? code;
	} catch {
		return code;
	}
}
