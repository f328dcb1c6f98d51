# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what on which line: a coordinator of one line, and somebody who
is on several."""
from api import Api
from case import test
from test_lines import two_lines
from test_promises import owe


def house(t):
    """Two lines of two organisations, one promise on each; and an operator."""
    line, _ = two_lines(t, organisation="North")
    with open(line.config, encoding="utf-8") as f:
        text = f.read()
    with open(line.config, "w", encoding="utf-8") as f:
        f.write(text.replace('\tlanguages = {"es"}\n',
                             '\tlanguages = {"es"}\n'
                             '\torganisation = "South"\n'))
    owe(line, 1)
    owe(line, 2, on="spanish")
    line.run()
    return line, Api(t, line).sign_up("Top", "operator")


def roles(**on):
    return [{"line": "" if line == "all" else line, "role": role}
            for line, role in on.items()]


def new(top, name, language="es", **on):
    return top.post("/people", {
        "name": name, "languages": [language], "roles": roles(**on)})["person"]


def signed_up(t, line, top, person):
    token = top.post(f"/people/{person}/invite")["token"]
    return Api(t, line).let_in(t.plant(token))


def names(api, path="/people"):
    return sorted(p["name"] for p in api.get(path)["people"])


def calls(api, path, noun):
    return sorted(c["call"] for c in api.get(path)[noun])


@test()
def coordinator_of_one_line(t):
    line, top = house(t)
    ana = new(top, "Ana", "en", main="counsellor")
    ida = new(top, "Ida", spanish="counsellor")
    bo = new(top, "Bo", main="counsellor", spanish="trainee")
    co = signed_up(t, line, top, new(top, "Co", spanish="coordinator"))
    t.equal([one["name"] for one in co.me["lines"]], ["spanish"], "lines")
    t.equal([one["name"] for one in co.get("/lines")["lines"]], ["spanish"],
            "lines to look after")

    # people: those who are on this line and on no other
    t.equal(names(co), ["Co", "Ida"], "whom a coordinator looks after")
    for person in (ana, bo, top.me["person"]):
        place = f"/people/{person}"
        co.post(place, {"region": "west"}, 403)
        co.post(place, {"roles": roles(spanish="trainee")}, 403)
        co.post(place + "/invite", None, 403)
        co.post(place + "/duty", {"on": True}, 403)
        co.post(place + "/remove", None, 403)
    for on in ({"main": "trainee"}, {"all": "trainee"},
               {"spanish": "trainee", "main": "trainee"},
               {"spanish": "operator"}):
        co.post("/people", {"name": "No", "languages": ["es"],
                            "roles": roles(**on)}, 403)
        co.post(f"/people/{ida}", {"roles": roles(**on)}, 403)
    co.post(f"/people/{ida}", {"region": "west"})
    t.equal(names(top), ["Ana", "Bo", "Co", "Ida", "Top"], "still there")

    # promises and calls
    t.equal(calls(co, "/promises", "promises"), [2], "promises")
    t.equal(calls(co, "/calls", "calls"), [2], "calls")
    for verb, body in (("take", None), ("ring", None), ("keep", None),
                       ("close", {"reason": "test"}),
                       ("snooze", {"minutes": 5})):
        co.post(f"/promises/1/{verb}", body, 404)
    co.get("/promises/1/message", 404)
    co.post("/calls/1/outcome", {"outcome": "helped"}, 404)
    co.post("/calls/1/listen", {"sdp": "v=0\r\n"}, 404)
    t.equal([(p["call"], p["state"]) for p in line.json("promises")],
            [(1, "open"), (2, "open")], "nothing has happened to them")
    co.post("/promises/2/close", {"reason": "test"})

    # who is there
    for person in (ana, ida):
        top.post(f"/people/{person}/duty", {"on": True})
    t.until(lambda: "Ida" in names(co, "/board"), "the board shows Ida")
    t.check("Ana" not in names(co, "/board"), "Ana is on their board")


@test()
def one_person_on_two_lines(t):
    """Each role counts on its own line, and the next request knows of it."""
    line, top = house(t)
    new(top, "Ana", "en", main="counsellor")
    new(top, "Ida", spanish="counsellor")
    place = new(top, "Bo", main="counsellor", spanish="coordinator")
    bo = signed_up(t, line, top, place)
    t.equal([one["name"] for one in bo.me["lines"]], ["main", "spanish"],
            "lines")
    t.equal(calls(bo, "/promises", "promises"), [1, 2], "promises of both")
    t.equal(calls(bo, "/calls", "calls"), [2], "calls, where coordinator")
    t.equal(names(bo), ["Ida"], "people, where coordinator")
    bo.post("/me/duty", {"on": True})
    bo.events().until("state", lambda s: s["state"] == "free")
    bo.post("/promises/1/take")
    bo.post("/promises/2/take")
    t.equal({p["owner_name"] for p in bo.get("/promises")["promises"]},
            {"Bo"}, "who sees to them")

    top.post(f"/people/{place}", {"roles": roles(spanish="counsellor")})
    t.equal(calls(bo, "/promises", "promises"), [2], "promises of one line")
    bo.post("/promises/1/keep", None, 404)
    bo.get("/people", 403)
    bo.get("/calls", 403)
    top.post(f"/people/{place}", {"roles": roles(main="coordinator")})
    t.equal(calls(bo, "/promises", "promises"), [1], "of the other line")
    t.equal(calls(bo, "/calls", "calls"), [1], "calls of the other line")
