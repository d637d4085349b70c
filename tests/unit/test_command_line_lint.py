from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdk_transcribe.command_line import main

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"


@pytest.fixture
def terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("terms.tsv")


def test_a_good_file_ends_with_0(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "Köln\t\t\t\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "--language", "de-DE"]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 1 file\n"


def test_an_error_ends_with_1_and_says_where(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "a\t\t\t\nV2\tvee-two\t\t\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "--language", "de-DE"]) == 1
    first, second, summary = capsys.readouterr().out.splitlines()
    assert first.startswith('terms.tsv:3:2: error: "V2" has the digit 2')
    assert first.endswith("[phrase-has-digit]")
    assert second.startswith("terms.tsv:3:4: warning: ")
    assert summary == "1 error, 1 warning in 1 file"


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_count_only_when_strict(terms: Path, options: list[str], code: int) -> None:
    terms.write_text(HEADER + "a\tay\t\t\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "--language", "en-US", *options]) == code


def test_json_is_one_list_over_all_files(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "a b\t\t\t\n", encoding="utf-8")
    Path("more.tsv").write_text(HEADER + "c\t\t\t\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "more.tsv", "--language", "en-US", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding.pop("message").startswith('"a b" has a space')
    assert finding == {"file": "terms.tsv", "line": 2, "column": 2, "id": "phrase-has-space", "severity": "error"}


def test_json_without_findings_is_an_empty_list(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "a\t\t\t\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "--language", "en-US", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_github_shows_findings_beside_their_lines(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "100%\t\t\t\n", encoding="utf-8")
    main(["lint", "terms.tsv", "--language", "en-US", "--format", "github"])
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith('::error file=terms.tsv,line=2,col=1,title=phrase-has-digit::"100%25" has the digit 1')


def test_medical_tables_have_stricter_rules(terms: Path) -> None:
    terms.write_bytes((HEADER + "a\t\t\t\n").replace("\n", "\r\n").encode())
    assert main(["lint", "terms.tsv", "--language", "en-US"]) == 0
    assert main(["lint", "terms.tsv", "--language", "en-US", "--kind", "medical"]) == 1


def test_filters_hold_one_word_a_line(terms: Path) -> None:
    terms.write_text("um\nuh\n", encoding="utf-8")
    assert main(["lint", "terms.tsv", "--language", "en-US", "--kind", "filter", "--strict"]) == 0


def test_a_file_that_is_not_there_ends_with_2_after_the_others(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms.write_text(HEADER + "a b\t\t\t\n", encoding="utf-8")
    assert main(["lint", "nowhere.tsv", "terms.tsv", "--language", "en-US"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "cdk-transcribe: can't read nowhere.tsv: No such file or directory\n"
    assert "terms.tsv:2:2: error: " in printed.out


@pytest.mark.parametrize(
    "arguments", [[], ["lint"], ["lint", "a.tsv"], ["lint", "a.tsv", "--language", "en-US", "--kind", "poem"]]
)
def test_wrong_arguments_end_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
