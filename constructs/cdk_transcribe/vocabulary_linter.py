"""What Amazon Transcribe would say, minutes later, about a vocabulary or a vocabulary filter: said here and now.

An error is something that the Amazon Transcribe developer guide says the service refuses; what is only doubtful is a
warning. All findings are returned, in the order of the text. Where the guide lists no characters for a language,
letters are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from cdk_transcribe import _text_rules as text_rules
from cdk_transcribe._entry_rules import PHRASES, WORDS, EntryKind, blank_entries, blank_lines, duplicates, each_entry
from cdk_transcribe._finding import Finding, Severity, error, quoted, warning
from cdk_transcribe._medical_table_rules import MEDICAL_TABLE_RULES, MEDICAL_TERM_RULES
from cdk_transcribe._table_rules import TABLE_RULES, TERM_RULES
from cdk_transcribe.languages import LANGUAGE_CODES, phrase_characters
from cdk_transcribe.vocabulary_table import Term, read_table, table_of_terms

__all__ = ["Finding", "Severity", "lint_phrases", "lint_table", "lint_terms", "lint_word_file", "lint_words"]


def lint_table(content: bytes, language_code: str, *, medical: bool = False, name: str = "terms.tsv") -> list[Finding]:
    """Everything there is to say about the table file of a custom vocabulary.

    A file without a header, tabs or medical use is taken for the older list form, one phrase a line.

    Args:
        content: the bytes of the file.
        language_code: the language of the vocabulary, such as `en-US`.
        medical: whether it is a vocabulary of Amazon Transcribe Medical, whose rules are stricter. By default the
            rules of standard vocabularies hold.
        name: what the findings call the file.
    """
    if text_rules.is_utf_16(content):
        return _in_order(name, text_rules.encoding(content))
    table = read_table(content)
    rules = MEDICAL_TABLE_RULES if medical else TABLE_RULES
    return _in_order(name, language(language_code), *(rule(table, language_code) for rule in rules))


def lint_terms(
    terms: Sequence[Term], language_code: str, *, medical: bool = False, name: str = "terms"
) -> list[Finding]:
    """Everything there is to say about terms. A finding's line is the position of the term, its column is in the value.

    Args:
        terms: the rows of a custom vocabulary.
        language_code: the language of the vocabulary, such as `en-US`.
        medical: whether it is a vocabulary of Amazon Transcribe Medical, whose rules are stricter. By default the
            rules of standard vocabularies hold.
        name: what the findings call the list.
    """
    table = table_of_terms(terms)
    rules = MEDICAL_TERM_RULES if medical else TERM_RULES
    return _in_order(name, language(language_code), *(rule(table, language_code) for rule in rules))


def lint_phrases(phrases: Sequence[str], language_code: str, *, name: str = "phrases") -> list[Finding]:
    """Everything there is to say about a custom vocabulary in list form. A finding's line is the phrase's position.

    Args:
        phrases: the phrases, in the notation of the Phrase column (`Los-Angeles`, `C.L.I.`).
        language_code: the language of the vocabulary, such as `en-US`.
        name: what the findings call the list.
    """
    return _lint_list(PHRASES, phrases, language_code, name)


def lint_words(words: Sequence[str], language_code: str, *, name: str = "words") -> list[Finding]:
    """Everything there is to say about the words of a vocabulary filter. A finding's line is the word's position.

    Args:
        words: one word an entry; the service matches it whatever its case.
        language_code: the language of the filter, such as `en-US`.
        name: what the findings call the list.
    """
    return _lint_list(WORDS, words, language_code, name)


def lint_word_file(content: bytes, language_code: str, *, name: str = "words.txt") -> list[Finding]:
    """Everything there is to say about the file of a vocabulary filter, which holds one word a line.

    Args:
        content: the bytes of the file.
        language_code: the language of the filter, such as `en-US`.
        name: what the findings call the file.
    """
    if text_rules.is_utf_16(content):
        return _in_order(name, text_rules.encoding(content))
    lines = list(enumerate(text_rules.text_lines(content), start=1))
    has_words = any(text.strip() for _, text in lines)
    return _in_order(
        name,
        language(language_code),
        text_rules.encoding(content),
        text_rules.line_ends(content, refuses_crlf=None),
        text_rules.size(content),
        blank_lines(lines) if has_words else [error("empty", "the file has no word: write one a line")],
        each_entry(WORDS, lines, language_code),
        duplicates(WORDS, lines),
    )


def language(language_code: str) -> Iterator[Finding]:
    """The language is known, and so are its characters."""
    if language_code not in LANGUAGE_CODES:
        message = f"{quoted(language_code)} is no language code known here: write it as in en-US"
        yield warning("language-unknown", message)
    elif phrase_characters(language_code) is None:
        message = f"the characters that Amazon Transcribe accepts for {language_code} are not known: "
        yield warning("language-unchecked", f"{message}letters were not checked, compare them with its guide")


def _lint_list(kind: EntryKind, texts: Sequence[str], language_code: str, name: str) -> list[Finding]:
    entries = list(enumerate(texts, start=1))
    return _in_order(
        name,
        language(language_code),
        text_rules.size("\n".join(texts).encode("utf-8", "surrogatepass")),
        [] if entries else [error("empty", f"there is no {kind.noun}: give at least one")],
        blank_entries(kind, entries),
        each_entry(kind, entries, language_code),
        duplicates(kind, entries),
    )


def _in_order(name: str, *findings: Iterable[Finding]) -> list[Finding]:
    named = [replace(finding, file=name) for finding in chain.from_iterable(findings)]
    return sorted(named, key=lambda finding: (finding.line, finding.column))
