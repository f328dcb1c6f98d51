// SPDX-License-Identifier: AGPL-3.0-or-later
/** Adds a person, or changes one. */
import { useState } from "preact/hooks";
import type { Line, Person, Role } from "../wire";
import { Arrived, Button, Field, useShown } from "./ui";

const ROLES: readonly Role["role"][] = ["counsellor", "trainee",
	"coordinator", "operator"];

/** "en, es" -> ["en", "es"] */
function split(text: string): string[] {
	return text.split(/[\s,;]+/).filter(Boolean);
}

function Roles(props: { roles: readonly Role[]; lines: readonly Line[];
			set: (roles: readonly Role[]) => void }) {
	const { words } = useShown();
	const has = (a: Role) => props.roles.some((b) =>
		a.line === b.line && a.role === b.role);
	const flip = (a: Role) => props.set(has(a)
		? props.roles.filter((b) => a.line !== b.line || a.role !== b.role)
		: [...props.roles, a]);

	return <fieldset>
		<legend>{words.people.roles}</legend>
		{["", ...props.lines.map((line) => line.name)].map((line) =>
			<div class="roles" key={line} role="group"
				aria-label={line || words.people.all_lines}>
				<b>{line || words.people.all_lines}</b>
				{ROLES.map((role) => <label key={role}>
					<input type="checkbox" checked={has({ line, role })}
						onChange={() => flip({ line, role })} />
					{words.people.role[role]}</label>)}
			</div>)}
	</fieldset>;
}

export function PersonForm(props: {
	person: Person | null; lines: readonly Line[];
	end: (changed: boolean) => void; }) {
	const { desk, words } = useShown();
	const old = props.person;
	const [name, set_name] = useState(old?.name ?? "");
	const [languages, set_languages] =
		useState(old?.languages.join(" ") ?? "");
	const [skills, set_skills] = useState(old?.skills.join(" ") ?? "");
	const [organisation, set_organisation] =
		useState(old?.organisation ?? "");
	const [region, set_region] = useState(old?.region ?? "");
	const [roles, set_roles] = useState<readonly Role[]>(old?.roles ??
		[{ line: "", role: "counsellor" }]);
	const save = async () => {
		const body = { name: name.trim(), languages: split(languages),
			       skills: split(skills), organisation, region, roles };

		if (await desk.change(old ? `/people/${old.person}` : "/people",
			body))
			props.end(true);
	};

	return <form class="card" onSubmit={(e) => {
		e.preventDefault();
		void save();
	}}>
		<Arrived level="h2">{old ? words.people.change_of(old.name)
			: words.people.add}</Arrived>
		<Field label={words.people.name} value={name} set={set_name}
			required />
		<Field label={words.people.languages} value={languages}
			set={set_languages} />
		<Field label={words.people.skills} value={skills}
			set={set_skills} />
		<Field label={words.people.organisation} value={organisation}
			set={set_organisation} />
		<Field label={words.people.region} value={region}
			set={set_region} />
		<Roles roles={roles} lines={props.lines} set={set_roles} />
		<div class="buttons">
			<button class="main">{words.people.save}</button>
			<Button work={() => props.end(false)}>
				{words.people.cancel}</Button>
		</div>
	</form>;
}
