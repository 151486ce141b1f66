"""Finds the reply that fits best: the nearest known question, word by word, letter by letter."""

from __future__ import annotations

REPLIES = {
    "play some quiet music": "quiet music it is",
    "play the music louder": "louder it is",
    "what is the forecast": "sunny with a little rain",
    "how is the weather tomorrow": "no rain tomorrow",
    "set the timer": "timer started",
    "stop the timer": "timer stopped",
}


def best_reply(heard: str) -> str:
    """The reply to the known question that is most like what was heard."""
    return REPLIES[max(REPLIES, key=lambda question: score(question, heard))]


def score(question: str, heard: str) -> float:
    """How well the words of a question are found in what was heard, 0 to 1."""
    heard_words = heard.split()
    likeness = [max(similarity(word, other) for other in heard_words) for word in question.split()]
    return sum(likeness) / len(likeness)


def similarity(word: str, other: str) -> float:
    """1 for equal words, 0 for words without a letter in common."""
    return 1 - distance(word, other) / max(len(word), len(other))


def distance(word: str, other: str) -> int:
    """How many letters must change (Levenshtein), by recursion: short to read, slow to run."""
    if not word or not other:
        return len(word) + len(other)
    if word[0] == other[0]:
        return distance(word[1:], other[1:])
    return 1 + min(distance(word[1:], other), distance(word, other[1:]), distance(word[1:], other[1:]))
