"""The rules for one phrase of a custom vocabulary, or one word of a vocabulary filter.

Where nothing else is said, a rule is from "Creating a custom vocabulary using a table" and "Character sets for custom
vocabularies and vocabulary filters" in the Amazon Transcribe developer guide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from cdk_transcribe._finding import Finding, error, quoted, warning
from cdk_transcribe.languages import (
    NO_ACRONYM_LANGUAGES,
    STREAMING_ACRONYM_LANGUAGES,
    PhraseCharacters,
    phrase_characters,
)

PhraseRule = Callable[[str, str], Iterator[Finding]]

_LOOK_ALIKES = dict.fromkeys("‘’ʼ´`′", "'") | dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("。．·", ".")  # noqa: RUF001
_MARK_NAMES = {".": "a full stop", "'": "an apostrophe", "-": "a hyphen"}
_ACRONYM_FORM = "an acronym is single letters, each followed by a full stop: A.B.C., plural A.B.C.-s"


def spaces(phrase: str, language_code: str) -> Iterator[Finding]:
    """Words are joined with hyphens."""
    space = re.search(r"\s", phrase)
    if space:
        joined = "-".join(phrase.split())
        yield error(
            "phrase-has-space",
            f"{quoted(phrase)} has a space: join words with hyphens and write {quoted(joined)}",
            column=space.start() + 1,
        )


def digits(phrase: str, language_code: str) -> Iterator[Finding]:
    """Numbers are spelled out."""
    for column, character in enumerate(phrase, start=1):
        if character.isdecimal():
            yield error(
                "phrase-has-digit",
                f"{quoted(phrase)} has the digit {character}: spell numbers out as they are said "
                "(V.X.-zero-two) and put the digits into DisplayAs",
                column=column,
            )
            return


def ends(phrase: str, language_code: str) -> Iterator[Finding]:
    """A phrase starts with a letter, and ends with a letter or the full stop of an acronym."""
    if phrase[:1] in _MARK_NAMES:
        mark = _MARK_NAMES[phrase[0]]
        yield error("phrase-start", f"{quoted(phrase)} starts with {mark}: start with a letter")
    if phrase[-1:] in ("'", "-"):
        mark = _MARK_NAMES[phrase[-1]]
        yield error("phrase-end", f"{quoted(phrase)} ends with {mark}: leave it out", column=len(phrase))


def repeated_marks(phrase: str, language_code: str) -> Iterator[Finding]:
    """Hyphens, full stops and apostrophes stand alone."""
    for repeated in re.finditer(r"([-.'])\1+", phrase):
        mark = repeated.group(1)
        yield error(
            "phrase-repeated-mark",
            f"{quoted(phrase)} repeats {_MARK_NAMES[mark]} ({repeated.group()}): write it once",
            column=repeated.start() + 1,
        )


def acronyms(phrase: str, language_code: str) -> Iterator[Finding]:
    """A full stop stands after every single letter of an acronym, and nowhere else."""
    if "." not in phrase:
        return
    if language_code in NO_ACRONYM_LANGUAGES | STREAMING_ACRONYM_LANGUAGES:
        yield _acronym_without_support(phrase, language_code)
        return
    outline = _outline(phrase)
    misplaced = re.search(r"(?:Lm*){2}(\.)|[-'](\.)|(\.)(?:Lm*){3}", outline)
    if misplaced:
        column = misplaced.start(misplaced.lastindex or 0) + 1
        yield error("phrase-full-stop", f"{quoted(phrase)} has a stray full stop: {_ACRONYM_FORM}", column=column)
        return
    for unfinished in re.finditer(r"(?<=\.)(?:Lm*){1,2}(?=-|$)", outline):
        yield warning(
            "phrase-unfinished-acronym",
            f"{quoted(phrase)} has a letter without its full stop: {_ACRONYM_FORM}",
            column=unfinished.start() + 1,
        )


def characters(phrase: str, language_code: str) -> Iterator[Finding]:
    """Only the code points that are listed for the language are accepted."""
    listed = phrase_characters(language_code)
    if listed is not None:
        yield from _unlisted_characters("phrase", phrase, language_code, listed)
        yield from _upper_case(phrase, language_code, listed)


def word_spaces(word: str, language_code: str) -> Iterator[Finding]:
    """An entry of a vocabulary filter is one word; what the service does with more is not documented."""
    space = re.search(r"\s", word)
    if space:
        yield warning(
            "word-has-space",
            f"{quoted(word)} has a space: a filter matches single words, list each word on its own",
            column=space.start() + 1,
        )


def word_characters(word: str, language_code: str) -> Iterator[Finding]:
    """A vocabulary filter holds the characters of a custom vocabulary, in upper or lower case."""
    listed = phrase_characters(language_code)
    if listed is not None:
        yield from _unlisted_characters("word", word, language_code, listed)


PHRASE_RULES: tuple[PhraseRule, ...] = (spaces, digits, ends, repeated_marks, acronyms, characters)
WORD_RULES: tuple[PhraseRule, ...] = (word_spaces, word_characters)


def _acronym_without_support(phrase: str, language_code: str) -> Finding:
    column = phrase.index(".") + 1
    if language_code in STREAMING_ACRONYM_LANGUAGES:
        said = f"{quoted(phrase)} has a full stop: {language_code} knows acronyms only when streaming"
        return warning("phrase-streaming-acronym", f"{said}; spell the letters as they are said", column=column)
    said = f"{quoted(phrase)} has a full stop, but {language_code} has no acronyms"
    return error("phrase-unsupported-acronym", f"{said}: spell the letters as they are said", column=column)


def _outline(phrase: str) -> str:
    return "".join(_kind(character) for character in phrase)


def _kind(character: str) -> str:
    if character in _MARK_NAMES:
        return character
    if character.isspace():
        return "-"
    # Vowel signs and accents belong to the letter before them: बी.बी.सी. is three letters.
    return "m" if unicodedata.category(character).startswith("M") else "L"


def _unlisted_characters(entry: str, text: str, language_code: str, listed: PhraseCharacters) -> Iterator[Finding]:
    unlisted = {c: column for column, c in reversed(list(enumerate(text, start=1))) if _is_unlisted(entry, c, listed)}
    if not unlisted:
        return
    respelled = listed.respelled(text)
    fixable = [column for c, column in unlisted.items() if c not in respelled]
    if fixable:
        yield _other_code_points(entry, text, respelled, language_code).moved(line=1, offset=min(fixable) - 1)
    for character, column in unlisted.items():
        if character in respelled:
            yield _unlisted_character(entry, text, character, language_code, listed).moved(line=1, offset=column - 1)


def _is_unlisted(entry: str, character: str, listed: PhraseCharacters) -> bool:
    if character in listed or _is_listed_in_lower_case(character, listed):
        return False
    # These have rules of their own, and undecodable bytes a finding of theirs.
    has_rule = character.isspace() or (entry == "phrase" and (character.isdecimal() or character == "."))
    return not has_rule and unicodedata.category(character) != "Cs"


def _is_listed_in_lower_case(character: str, listed: PhraseCharacters) -> bool:
    lowered = character.lower()
    return lowered != character and all(letter in listed for letter in lowered)


def _upper_case(phrase: str, language_code: str, listed: PhraseCharacters) -> Iterator[Finding]:
    for column, character in enumerate(phrase, start=1):
        if character not in listed and _is_listed_in_lower_case(character, listed):
            lowered = "".join(c if c in listed else c.lower() for c in phrase)
            yield warning(
                "phrase-upper-case",
                f"{quoted(phrase)} has {character}, of which {language_code} lists only the lower case: "
                f"write {quoted(lowered)}",
                column=column,
            )
            return


def _other_code_points(entry: str, text: str, respelled: str, language_code: str) -> Finding:
    return error(
        f"{entry}-code-points",
        f"{quoted(text)} is not in the code points that {language_code} lists (mostly the precomposed ones): "
        f"write {quoted(respelled)} as {_code_points(respelled)}",
    )


def _unlisted_character(entry: str, text: str, character: str, language_code: str, listed: PhraseCharacters) -> Finding:
    name = unicodedata.name(character, "unnamed")
    instead = _LOOK_ALIKES.get(character)
    advice = f"write {instead} instead" if instead in listed else _WAY_OUT[entry]
    return error(
        f"{entry}-character",
        f"{quoted(text)} has U+{ord(character):04X} ({name}), which {language_code} does not accept: {advice}; "
        f"allowed are {listed.notation}",
    )


_WAY_OUT = {
    "phrase": "leave it out or write it as it is said, and put the exact form into DisplayAs",
    "word": "leave it out",
}


def _code_points(text: str) -> str:
    return " ".join(f"{ord(character):04X}" for character in text)
