# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who hears whom: each voice is a tone of its own, told apart by pages and in
recordings. The microphone of a page is such a tone as well."""
import wav

LOUD_DB = -50  # a voice is at about -20, comfort noise far below

# in the page: its microphone from now on, and what its newest connection hears
SCRIPT = """(hertz => {
	const context = () => {
		window.earsContext ??= new AudioContext();
		void window.earsContext.resume();
		return window.earsContext;
	};
	navigator.mediaDevices.getUserMedia = async () => {
		const wave = new OscillatorNode(context(), {frequency: hertz});
		const volume = new GainNode(context(), {gain: 0.3});
		const out = context().createMediaStreamDestination();
		wave.connect(volume).connect(out);
		wave.start();
		return out.stream;
	};
	window.ears = async (wanted) => {
		const peer = window.peersOfTest.map((made) => made.deref()).filter(
			(p) => p?.connectionState === "connected").at(-1);
		if (!peer)
			return [];
		const source = context().createMediaStreamSource(
			new MediaStream([peer.getReceivers()[0].track]));
		const meter = new AnalyserNode(context(),
			{fftSize: 8192, smoothingTimeConstant: 0});
		source.connect(meter);
		await new Promise((done) => setTimeout(done, 400));
		const rows = new Float32Array(meter.frequencyBinCount);
		meter.getFloatFrequencyData(rows);
		source.disconnect();
		const width = context().sampleRate / meter.fftSize;
		return wanted.map((hz) => Math.max(...rows.slice(
			Math.floor(hz / width) - 1, Math.ceil(hz / width) + 2)));
	};
})(%d)"""


class Voices:
    """Names and their tones: Voices(t, caller=440, Ana=620)."""

    def __init__(self, case, **tones):
        self.case, self.tones = case, tones

    def give(self, who):
        """This page speaks with its own tone; before it opens the
        microphone."""
        who.page.evaluate(SCRIPT % self.tones[who.name])
        return who

    def heard_by(self, who):
        """Names of those whom this page hears now."""
        names = list(self.tones)
        got = who.page.evaluate(
            f"ears({[self.tones[name] for name in names]})", 20)
        return {name for name, db in zip(names, got) if db > LOUD_DB}

    def page_hears(self, who, *names, seconds=10):
        """These, and nobody else."""
        wanted = set(names)
        self.case.until(
            lambda: self.heard_by(who) == wanted,
            lambda: f"{who.name} hears {sorted(wanted)}: "
            f"{sorted(self.heard_by(who))}", seconds)

    def last(self, phone, seconds=1.0):
        """Of the newest sound that a phone recorded: by name, the share of its
        energy that is theirs, of the blocks in the middle."""
        blocks = wav.Sound(phone.recording()).blocks[
            -int(seconds * wav.RATE / wav.BLOCK):]
        return {name: sorted(wav.share(b, hz) for b in blocks)[
            len(blocks) // 2] for name, hz in self.tones.items()} \
            if blocks else {}

    def phone_hears(self, phone, *names, seconds=10):
        """These, and nobody else: one alone is nearly all there is."""
        least = 0.2 if len(names) > 1 else 0.8
        wanted = set(names)

        def look():
            now = self.last(phone)
            return now and {n for n, s in now.items() if s > 0.1} == wanted \
                and all(now[n] > least for n in wanted)
        self.case.until(look, lambda: f"{phone.name} hears {sorted(wanted)}: "
                        f"{self.last(phone)}", seconds)
