"""Which language supports what in Amazon Transcribe, and which characters a custom vocabulary may hold in it.

The lists are those of the Amazon Transcribe developer guide ("Supported languages and language-specific features",
"Character sets for custom vocabularies and vocabulary filters") and of the API model of 2026. They grow: a code that
is missing here is unknown to this library, not wrong.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


LANGUAGE_CODES = _codes(
    """
    ab-GE af-ZA am-ET ar-AE ar-SA ast-ES az-AZ ba-RU be-BY bg-BG bn-IN bs-BA ca-ES ckb-IQ ckb-IR cs-CZ cy-GB cy-WL
    da-DK de-CH de-DE el-GR en-AB en-AU en-GB en-IE en-IN en-NZ en-US en-WL en-ZA es-ES es-MX es-US et-EE et-ET
    eu-ES fa-AF fa-IR fi-FI fr-CA fr-FR ga-IE gd-GB gl-ES gu-IN ha-NG he-IL hi-IN hr-HR ht-HT hu-HU hy-AM id-ID
    is-IS it-IT ja-JP jv-ID ka-GE kab-DZ kk-KZ km-KH kn-IN ko-KR ky-KG lg-IN lt-LT lv-LV mhr-RU mi-NZ mk-MK ml-IN
    mn-MN mr-IN ms-MY mt-MT my-MM ne-NP nl-NL no-NO or-IN pa-IN pl-PL ps-AF pt-BR pt-PT ro-RO ru-RU rw-RW si-LK
    sk-SK sl-SI so-SO sq-AL sr-RS su-ID sv-SE sw-BI sw-KE sw-RW sw-TZ sw-UG ta-IN te-IN th-TH tl-PH tr-TR tt-RU
    ug-CN uk-UA uz-UZ vi-VN wo-SN zh-CN zh-HK zh-TW zu-ZA
    """
)
"""Every `LanguageCode` of the API. All of them can be transcribed in batch; few support everything else."""

CUSTOM_LANGUAGE_MODEL_LANGUAGES = _codes("de-DE en-AU en-GB en-US es-US hi-IN ja-JP")
"""Languages that a custom language model can be trained for (hi-IN for batch transcription only)."""

PII_REDACTION_LANGUAGES = _codes(
    """
    de-CH de-DE en-AB en-AU en-GB en-IE en-IN en-NZ en-US en-WL en-ZA es-US fr-CA fr-FR it-IT pt-BR pt-PT
    """
)
"""Languages whose personal data can be identified and redacted in batch transcription."""

CALL_ANALYTICS_LANGUAGES = _codes(
    """
    ar-AE de-CH de-DE en-AB en-AU en-GB en-IE en-IN en-US en-WL es-ES es-US fr-CA fr-FR hi-IN it-IT ja-JP ko-KR
    pt-BR pt-PT zh-CN
    """
)
"""Languages of post-call analytics jobs."""

REAL_TIME_CALL_ANALYTICS_LANGUAGES = _codes("de-DE en-AU en-GB en-US es-US fr-CA fr-FR it-IT pt-BR")
"""Languages of real-time call analytics, and so of `REAL_TIME` categories."""

TOXICITY_DETECTION_LANGUAGES = frozenset({"en-US"})
"""Languages whose speech can be searched for toxicity."""

MEDICAL_LANGUAGES = frozenset({"en-US"})
"""Languages of Amazon Transcribe Medical and AWS HealthScribe."""

UNIDENTIFIED_LANGUAGES = frozenset({"sv-SE", "vi-VN"})
"""Languages that automatic language identification doesn't find."""

MULTI_LANGUAGE_IDENTIFICATION_LANGUAGES = _codes(
    """
    af-ZA ar-AE da-DK de-CH de-DE en-AB en-AU en-GB en-IE en-IN en-NZ en-US en-WL en-ZA es-ES es-US fa-IR fr-CA
    fr-FR he-IL hi-IN id-ID it-IT ja-JP ko-KR ms-MY nl-NL pt-BR pt-PT ru-RU ta-IN te-IN th-TH tr-TR zh-CN zh-TW
    """
)
"""Languages that can be told apart within one recording ("Language identification with batch transcription jobs")."""

NO_ACRONYM_LANGUAGES = _codes("ar-AE ar-SA fa-IR he-IL ja-JP zh-CN zh-HK zh-TW")
"""Languages whose custom vocabularies know no acronyms, and so no full stops."""

STREAMING_ACRONYM_LANGUAGES = frozenset({"ta-IN", "te-IN"})
"""Languages whose custom vocabularies know acronyms when streaming, but not in batch transcription."""

# The letters of the phonetic alphabet are meant to look like Latin ones.
MEDICAL_PHONEMES = _codes(
    """
    aʊ aɪ b d eɪ f g h i j k l l̩ m n n̩ oʊ p s t u v w z æ ð ŋ ɑ ɔ ɔɪ ə ɛ ɝ ɡ ɪ ɹ ʃ ʊ ʌ ʍ ʒ ʤ ʧ θ
    """  # noqa: RUF001
)
"""What the `IPA` column of a medical vocabulary may hold ("Character set for Amazon Transcribe Medical")."""

_LOWER = "a-z"
_BOTH_CASES = "a-z A-Z '"
_CYRILLIC = (
    "U+0430-045F U+0491 U+0493 U+0497 U+0499 U+049B U+049F U+04A1 U+04A3 U+04A5 U+04A9 U+04AB U+04AD U+04AF"
    " U+04B1 U+04B3 U+04B5 U+04B7 U+04BB U+04BD U+04BF U+04CA U+04D1 U+04D3 U+04D7 U+04D9 U+04E1 U+04E3 U+04E7"
    " U+04E9 U+04EF U+04F1 U+04F3 U+04F7 U+04F9"
)
_HAN = "U+4E00-9FFF"

# By language, or by language code where the regions differ: what may stand in the Phrase column besides the hyphen
# and, where acronyms are supported, the full stop. The service publishes its Chinese and Japanese sets as lists of
# thousands of characters; here the whole Unicode blocks stand for them, so a rare character may pass unnoticed.
# Left out, so that letters are not checked: Uyghur (its published table breaks off) and the languages without a table
# (am, ga, gd, ht, jv, km, mi, my, ne, sq, zh-HK).
_PHRASE_CHARACTERS = {
    "ab": f"{_LOWER} {_CYRILLIC} U+0525",
    "af": f"{_LOWER} áèéêëíîïóôöúûü",
    "ar": "U+0621-063A U+0641-064A",
    "ast": f"{_LOWER} áéíñóúü",
    "az": f"{_LOWER} äçöüğışə U+0307",
    "ba": f"{_LOWER} {_CYRILLIC}",
    "be": f"{_LOWER} U+0430-0437 U+0439-0448 U+044B-044F ёіў",
    "bg": f"{_LOWER} U+0430-044A ьюя",
    "bn": f"{_LOWER} U+0981-0983 U+0985-098B U+098F-0990 U+0993-09A8 U+09AA-09B0 U+09B2 U+09B6-09B9 U+09BC-09C4"
    " U+09C7-09C8 U+09CB-09CE U+09D7",
    "bs": f"{_LOWER} ćčđšž",
    "ca": f"{_LOWER} àçèéíïòóúüŀ",
    "ckb": f"{_LOWER} U+0626-0628 U+062A U+062C-062F U+0631-0634 U+0639-063A U+0641-0642 U+0644-0646 U+0648 U+067E"
    " U+0686 U+0695 U+0698 U+06A4 U+06A9 U+06AF U+06B5 U+06BE U+06C6-06C7 U+06CC U+06CE U+06D5",
    "cs": f"{_LOWER} áéíóúýčďěňřšťůž",
    "cy": f"{_LOWER} àáâäèéêëìíîïòóôöùúûüýÿŵŷỳ",
    "da": "a-z A-Z ÅÆØåæéø",
    "de": f"{_BOTH_CASES} äöüÄÖÜß",
    # The published table skips U+03CD (ύ), which no Greek text can do without: taken for an oversight.
    "el": f"{_LOWER} U+0390 U+03AC-03CE",
    "en": _BOTH_CASES,
    # The published table garbles the code points of ó and ñ.
    "es": f"{_BOTH_CASES} áéíñóúüÁÉÍÑÓÚ",
    "et": f"{_LOWER} äõöüšž",
    "eu": f"{_LOWER} áéíñóúü",
    "fa": "U+0621-0624 U+0626-0628 U+062A-063A U+0641-0642 U+0644-0648 U+064E-0651 U+067E U+0686 U+0698 U+06A9"
    " U+06AF U+06CC",
    "fi": f"{_LOWER} äåöšž",
    "fr": f"{_BOTH_CASES} àâçèéêëîïôöùûüÀÂÇÈÉÊËÎÏÔÖÙÛÜ",
    "gl": f"{_LOWER} áéíñóúü",
    "gu": f"{_LOWER} U+0A81-0A83 U+0A85-0A8B U+0A8D U+0A8F-0A91 U+0A93-0AA8 U+0AAA-0AB0 U+0AB2-0AB3 U+0AB5-0AB9"
    " U+0ABC U+0ABE-0AC3 U+0AC5 U+0AC7-0AC9 U+0ACB-0ACD U+0AD0 U+0AE0",
    "ha": f"{_LOWER} ƙƴɓɗ U+0303",
    "he": "U+05D0-05EA",
    # The second line is what the service maps to a listed letter of the first.
    "hi": "U+0901-0903 U+0905-090B U+090F-0911 U+0913-0928 U+092A-0930 U+0932 U+0935-0939 U+093E-0943 U+0945"
    " U+0947-0949 U+094B-094D U+095B-095D U+0929 U+0931 U+0958-095A U+095E-095F",
    "hr": f"{_LOWER} ćčđšž",
    "hu": f"{_LOWER} áéíóöúüőű",
    "hy": f"{_LOWER} U+0561-0586",
    "id": _BOTH_CASES,
    "is": f"{_LOWER} áéðíóúýþæö",
    "it": f"{_BOTH_CASES} àäçèéêëìòùüÀÄÇÈÉÊËÌÒÙÜ",
    "ja": f"A-Z a-k m-p r-w y-z αβγ U+3005-3006 U+3041-3096 U+309D-309E U+30A1-30FA U+30FC-30FF {_HAN}"
    " U+FF21-FF3A U+FF41-FF5A",
    "ka": f"{_LOWER} U+10D0-10F0",
    "kab": f"{_LOWER} ïčřǧɛɣḍḥṛṣṭẓ",
    "kk": f"{_LOWER} U+0430-044F ёіғқңүұһәө",
    "kn": f"{_LOWER} U+0C82-0C83 U+0C85-0C8B U+0C8E-0C90 U+0C92-0CA8 U+0CAA-0CB0 U+0CB2-0CB3 U+0CB5-0CB9"
    " U+0CBC-0CC3 U+0CC6-0CC8 U+0CCA-0CCD U+0CD5-0CD6 U+0CE0",
    "ko": "U+AC00-D7A3",
    "ky": f"{_LOWER} {_CYRILLIC}",
    "lg": f"{_LOWER} ÿŋ",
    "lt": f"{_LOWER} ąčęėįšųūž",
    "lv": f"{_LOWER} āčēģīķļņšūž",
    "mhr": f"{_LOWER} {_CYRILLIC}",
    "mk": f"{_LOWER} {_CYRILLIC}",
    # The published table ends at U+0D7D; the last two chillu letters are accepted with their siblings.
    "ml": f"{_LOWER} U+0D02-0D03 U+0D05-0D0B U+0D0E-0D10 U+0D12-0D28 U+0D2A-0D39 U+0D3E-0D43 U+0D46-0D48"
    " U+0D4A-0D4D U+0D7A-0D7F",
    "mn": f"{_LOWER} {_CYRILLIC}",
    "mr": f"{_LOWER} U+0901-0903 U+0905-090B U+090D U+090F-0911 U+0913-0928 U+092A-0930 U+0932-0933 U+0935-0939"
    " U+093C U+093E-0943 U+0945 U+0947-0949 U+094B-094D U+0950",
    "ms": _BOTH_CASES,
    "mt": f"{_LOWER} àèìòùċġħż",
    "nl": f"{_BOTH_CASES} àáâäçèéêëìíîïñòóôöùúûü",
    "no": f"{_LOWER} åæø",
    "or": f"{_LOWER} U+0B01-0B03 U+0B05-0B0B U+0B0F-0B10 U+0B13-0B28 U+0B2A-0B30 U+0B32-0B33 U+0B36-0B39 U+0B3C"
    " U+0B3E-0B43 U+0B47-0B48 U+0B4B-0B4D U+0B56 U+0B5F-0B60 U+0B71",
    "pa": f"{_LOWER} U+0A05-0A0A U+0A0F-0A10 U+0A13-0A28 U+0A2A-0A30 U+0A32 U+0A35 U+0A38-0A39 U+0A3C"
    " U+0A3E-0A42 U+0A47-0A48 U+0A4B-0A4D U+0A5C U+0A70-0A73",
    "pl": f"{_LOWER} óąćęłńśźż",
    "ps": f"{_LOWER} U+0622-0624 U+0626-0628 U+062A-063A U+0641-0642 U+0644-0648 U+064A-0652 U+0654 U+0670 U+067C"
    " U+067E U+0681 U+0685-0686 U+0689 U+0693 U+0696 U+0698 U+069A U+06A9 U+06AB U+06AF U+06BC U+06CC-06CD U+06D0",
    "pt": f"{_BOTH_CASES} àáâãäçèéêëíñóôõöúüÀÁÂÃÄÇÈÉÊËÍÑÓÔÕÖÚÜ",
    "ro": f"{_LOWER} ăâîșțşţ",
    "ru": "' U+0430-044F ё",
    "rw": f"{_LOWER} áâãçèéêëíïóôúüāēīōū U+0301",
    "si": f"{_LOWER} U+0D82-0D83 U+0D85-0D8D U+0D91-0D96 U+0D9A-0DA5 U+0DA7-0DB1 U+0DB3-0DBB U+0DBD U+0DC0-0DC6"
    " U+0DCA U+0DCF-0DD4 U+0DD6 U+0DD8-0DDF U+0DF2",
    "sk": f"{_LOWER} áäčďéíĺľňóôŕšťúýž",
    "sl": f"{_LOWER} čšž",
    "so": _LOWER,
    "sr": f"{_LOWER} ćčđšž {_CYRILLIC}",
    "su": _LOWER,
    "sv": f"{_BOTH_CASES} ÄÅÖäåö",
    "sw": _LOWER,
    "ta": "U+0B83 U+0B85-0B8A U+0B8E-0B90 U+0B92-0B95 U+0B99-0B9A U+0B9C U+0B9E-0B9F U+0BA3-0BA4 U+0BA8-0BAA"
    " U+0BAE-0BB9 U+0BBE-0BC2 U+0BC6-0BC8 U+0BCA-0BCD",
    # The published table skips U+0C46, the vowel sign e, without which the language can't write its own name.
    "te": "U+0C01-0C03 U+0C05-0C0C U+0C0E-0C10 U+0C12-0C28 U+0C2A-0C33 U+0C35-0C39 U+0C3E-0C44 U+0C46-0C48 U+0C4A-0C4D",
    "th": "U+0E01-0E32 U+0E34-0E3A U+0E40-0E4D",
    "tl": f"{_LOWER} ñ",
    "tr": f"{_BOTH_CASES} ÇÖÜĞİŞâäçèéêíîóöûüğışšž",
    "tt": f"{_LOWER} {_CYRILLIC}",
    "uk": f"{_LOWER} U+0430-0449 ьюяєіїґ",
    "uz": f"{_LOWER} U+0430-0448 ъьэюяёўғқҳ",
    "vi": f"{_BOTH_CASES} &;_ àáâãèéêìíòóôõùúýăđĩũơưÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯ U+1EA0-1EF9",
    "wo": f"{_LOWER} àãçèéêëñóôŋ",
    "zh-CN": _HAN,
    "zh-TW": f"{_HAN} U+3400-4DBF U+2E80-2FDF U+F900-FAFF U+3105-3129 ˇˊˋ",
    "zu": _LOWER,
}


@dataclass(frozen=True)
class PhraseCharacters:
    """The characters that a phrase or a filtered word may hold in one language.

    Attributes:
        notation: the characters as people write them down: single ones, and ranges such as `a-z` or `U+0621-063A`.
    """

    notation: str

    def __contains__(self, character: object) -> bool:
        return character in self._listed

    def respelled(self, text: str) -> str:
        """`text` with each letter in the code points that are listed for it, where another spelling of it is.

        The service takes only the code points it lists: mostly the precomposed ones (é as U+00E9), which for some
        scripts is not what Unicode calls NFC.
        """
        composed = unicodedata.normalize("NFC", text)
        for listed, elsewhere in self._excluded_from_composition.items():
            composed = composed.replace(elsewhere, listed)
        return "".join(map(self._split_into_listed, composed))

    def _split_into_listed(self, character: str) -> str:
        parts = unicodedata.normalize("NFKD", character)
        return parts if character not in self and all(part in self for part in parts) else character

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(character for token in self.notation.split() for character in _spelled_out(token))

    @cached_property
    def _excluded_from_composition(self) -> dict[str, str]:
        composed = {listed: unicodedata.normalize("NFC", listed) for listed in self._listed}
        return {listed: sequence for listed, sequence in composed.items() if len(sequence) > 1}


@cache
def phrase_characters(language_code: str) -> PhraseCharacters | None:
    """The characters of custom vocabularies and vocabulary filters in a language; None where they are not known."""
    letters = _PHRASE_CHARACTERS.get(language_code) or _PHRASE_CHARACTERS.get(language_code.partition("-")[0])
    if letters is None:
        return None
    marks = "-" if language_code in NO_ACRONYM_LANGUAGES else ". -"
    return PhraseCharacters(f"{letters} {marks}")


def _spelled_out(token: str) -> str:
    code_points = re.fullmatch(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", token)
    if code_points:
        first, last = code_points.group(1), code_points.group(2) or code_points.group(1)
        return _range(int(first, 16), int(last, 16))
    if re.fullmatch(r".-.", token):
        return _range(ord(token[0]), ord(token[2]))
    return token


def _range(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))
