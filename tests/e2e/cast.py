# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who plays in most tests: a line, Ana and Bob who answer, a caller."""
from line import Line
from sipp import Scenario, Sipp


def answers(s):
    """A counsellor who picks up and talks until the caller hangs up."""
    return s.rings().picks_up().ended()


def hangs_up(s):
    """A counsellor who picks up, and hangs up when told."""
    return s.rings().picks_up().go().bye().recv(200)


def cancelled(s):
    """A counsellor's phone that rings until it is told to stop."""
    return (s.rings().expect("CANCEL").reply(200, contact=False)
            .refuses(487))


def calls(s):
    """A caller who waits, talks, and hangs up when told."""
    return connects(s).go().bye().recv(200)


def connects(s, **invite):
    """A caller up to being in the queue."""
    return (s.invite(**invite).recv(100, optional=True)
            .recv(180, optional=True).recv(200).ack())


def phone(t, steps=answers, name="ana", **options):
    """A counsellor's SIP phone (sipp)."""
    return Sipp(t, name, steps(Scenario(t.number())), **options)


def caller(t, line, steps=calls, name="caller", to=None, **options):
    """A caller (sipp) who dials the line."""
    return Sipp(t, name, steps(Scenario(t.number())), to or line.address,
                service=t.number(), ip=line.host, **options)


def line_for(t, *phones, host="127.0.0.1", **options):
    """A line that runs, with Ana, Bob, ... on duty at these phones. Ana has
    been on duty longest."""
    line = Line(t, host=host, **options)
    names = names_of(len(phones))
    for name, one in zip(names, phones):
        line.person(name, one.uri, on=name == "Ana")
    line.run()
    for name in names[1:]:
        line.command("person", "on", name)
    return line


def names_of(n):
    return ("Ana", "Bob", "Cem", "Dua", "Eli")[:n]
