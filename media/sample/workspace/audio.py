"""Sound for the voice agent: every word of the vocabulary is a tone of its own."""

from __future__ import annotations

import math
from array import array

SAMPLE_RATE = 16_000
WORD_SAMPLES = 4_000
VOCABULARY = sorted(
    {
        *"a be for forecast is it little louder minutes music no play".split(),
        *"please quiet rain set some started stop stopped sunny ten the".split(),
        *"timer tomorrow weather what will with".split(),
    }
)
PITCHES = [400.0 + 100.0 * number for number in range(len(VOCABULARY))]


def record(sentence: str) -> bytes:
    """The sentence as 16-bit samples."""
    sound = array("h")
    for word in sentence.split():
        step = 2 * math.pi * PITCHES[VOCABULARY.index(word)] / SAMPLE_RATE
        sound.extend(int(12_000 * math.sin(step * n)) for n in range(WORD_SAMPLES))
    return sound.tobytes()


def recognise(sound: bytes) -> str:
    """The sentence that `record` made these samples from."""
    samples = array("h", sound)
    words = []
    for start in range(0, len(samples), WORD_SAMPLES):
        heard = samples[start : start + WORD_SAMPLES]
        loudness = [tone_power(heard, pitch) for pitch in PITCHES]
        words.append(VOCABULARY[loudness.index(max(loudness))])
    return " ".join(words)


def tone_power(samples: array[int], pitch: float) -> float:
    """How much of one tone is in the samples (Goertzel's algorithm)."""
    factor = 2 * math.cos(2 * math.pi * pitch / SAMPLE_RATE)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    return last * last + before * before - factor * last * before
