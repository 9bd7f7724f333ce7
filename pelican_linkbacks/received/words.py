"""Words: the few that stand over and beside shown mentions, in the language of the article."""

from __future__ import annotations

_ORDER = ("heading", "reply", "like", "repost", "bookmark")

_WORDS = {
    "en": ("Responses", "Reply", "Like", "Repost", "Bookmark"),
    "cs": ("Reakce", "Odpověď", "Líbí se", "Sdílení", "Záložka"),
    "da": ("Reaktioner", "Svar", "Synes godt om", "Deling", "Bogmærke"),
    "de": ("Reaktionen", "Antwort", "Gefällt mir", "Geteilt", "Lesezeichen"),
    "es": ("Reacciones", "Respuesta", "Me gusta", "Compartido", "Marcador"),
    "fi": ("Reaktiot", "Vastaus", "Tykkäys", "Jako", "Kirjanmerkki"),
    "fr": ("Réactions", "Réponse", "J'aime", "Partage", "Signet"),
    "it": ("Reazioni", "Risposta", "Mi piace", "Condivisione", "Segnalibro"),
    "ja": ("反応", "返信", "いいね", "共有", "ブックマーク"),
    "nl": ("Reacties", "Antwoord", "Vind ik leuk", "Gedeeld", "Bladwijzer"),
    "pl": ("Reakcje", "Odpowiedź", "Polubienie", "Udostępnienie", "Zakładka"),
    "pt": ("Reações", "Resposta", "Gosto", "Partilha", "Marcador"),
    "ru": ("Отклики", "Ответ", "Нравится", "Репост", "Закладка"),
    "sv": ("Reaktioner", "Svar", "Gillar", "Delning", "Bokmärke"),
    "uk": ("Відгуки", "Відповідь", "Подобається", "Поширення", "Закладка"),
    "zh": ("回应", "回复", "喜欢", "转发", "书签"),
}


def words(lang: str) -> dict[str, str]:
    """The words in a language, else in English.

    Args:
        lang: a language as Pelican names it, such as "de" or "pt-br".

    Returns:
        By the names heading, reply, like, repost and bookmark; a plain mention needs no word.
    """
    short = lang.lower().replace("_", "-").partition("-")[0]
    return dict(zip(_ORDER, _WORDS.get(short, _WORDS["en"]), strict=True))
