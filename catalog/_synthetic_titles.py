"""Titles of the synthetic catalogue: composed from words that suit the kind of film."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt


def _words(text: str) -> tuple[str, ...]:
    """Divide at spaces; a hyphen stands for a space within a word."""
    return tuple(word.replace("-", " ") for word in text.split())


# Words by flavour; a film kind draws from its own flavour more often than not and from "any" otherwise.
_ADJECTIVES = {
    "any": _words(
        "Last First Long Silent Hidden Broken Distant Golden Lost Quiet Second Perfect Secret Little Great "
        "Blue White Endless Crooked Borrowed Paper Slow Northern Southern Empty Open Honest Invisible "
        "Ordinary"
    ),
    "warm": _words(
        "Sweet Reluctant Happy Unlikely Foolish Lucky Charming Hopeless Tender Accidental Almost-Perfect "
        "Sunny Married Modern Complicated Familiar Restless Summer Lonely Faithful"
    ),
    "dark": _words(
        "Black Crimson Dead Cold Pale Hollow Bitter Haunted Burning Sleepless Cruel Nameless Bleeding Rotten "
        "Midnight Forgotten Savage Wicked Restless Screaming"
    ),
    "bold": _words(
        "Iron Final Fatal Deadly Steel Rogue Double Maximum Dangerous Hard Burning Loaded Lethal Stolen "
        "Swift Wanted Furious Reckless Armed Unbroken"
    ),
    "wonder": _words(
        "Magic Enchanted Flying Starry Emerald Curious Giant Tiny Brave Silver Dancing Talking Marvellous "
        "Wandering Ancient Eternal Electric Orbital Infinite Glass"
    ),
    "true": _words(
        "Unseen Real Inner American Forgotten Vanishing Untold Public Private Natural Living Changing"
    ),
}
_NOUNS = {
    "any": _words(
        "House Road River Winter Letter Garden Stranger Island Promise Window Song Night Morning Train "
        "Bridge Daughter Brother Father Season Harbour Room Field Mirror Photograph Visitor Neighbour Door "
        "Clock Sea Valley"
    ),
    "warm": _words(
        "Wedding Kiss Bride Bachelor Roommate Honeymoon Waltz Proposal Cousin Weekend Holiday Bakery "
        "Umbrella Neighbour Recipe Accident Reunion Valentine Affair Sweetheart Landlady"
    ),
    "dark": _words(
        "Grave Scream Cellar Shadow Witness Whisper Alibi Crypt Asylum Killer Curse Doll Verdict Séance "
        "Blood Widow Detective Fog Suspect Body Possession Hour Fever Labyrinth"
    ),
    "bold": _words(
        "Target Force Mission Bullet Vengeance Convoy Outlaw Ranger Sheriff Squad Fugitive Heist Battalion "
        "Sniper Bounty Strike Hunter Pursuit Canyon Regiment Getaway Showdown Marshal Frontier"
    ),
    "wonder": _words(
        "Dragon Planet Comet Kingdom Robot Wizard Penguin Unicorn Lantern Galaxy Rocket Forest Castle Puppy "
        "Signal Machine Voyage Star Fox Compass Balloon Starship Android Colony"
    ),
    "true": _words(
        "Century Voice Archive Ocean Orchestra Harvest Election Migration Machine City Mountain Revolution "
        "Market Witness Glacier Concert"
    ),
}
_PLACES = _words(
    "Lisbon Havana Vermont Prague Memphis Marseille Kyoto Tangier Dakota Oslo Buenos-Aires Palermo Alaska "
    "Savannah Trieste Bombay Santa-Fe Dublin Warsaw Montana Cairo Venice Brooklyn Shanghai Odessa Nevada "
    "Berlin Naples Bristol Cordoba Helsinki Key-West Tulsa Manila"
)
_FIRST_NAMES = _words(
    "Alice Henry Margot Samuel Clara Victor Nora Walter Lucia Oscar Ingrid Felix Ruth Arthur Rosa Emil Vera "
    "Hugo Adele Jonas Iris Marcus Lena Theo Agnes Boris Celia Dexter Edie Frank Greta Harold Ivy Jack Kitty "
    "Leonard"
)
_LAST_NAMES = _words(
    "Marlowe Whitaker Novak Delacroix Okafor Brandt Castellano Finch Halloran Ibsen Jarvis Kowalski "
    "Lindqvist Moreau Nakamura O'Dell Pemberton Quill Rossi Santangelo Thorne Underwood Vance Winslow Yates "
    "Zeller"
)
_VERBS = _words(
    "Chasing Leaving Finding Saving Dreaming-of Waiting-for Crossing Forgetting Escaping Remembering "
    "Becoming Losing"
)
_NUMBERS = _words("Two Three Four Five Seven Nine Ten Twelve Thirteen")

_FLAVOURS = {
    "comedy": "warm",
    "romantic comedy": "warm",
    "romance": "warm",
    "comedy drama": "warm",
    "musical": "warm",
    "action": "bold",
    "adventure": "bold",
    "war": "bold",
    "western": "bold",
    "crime": "dark",
    "horror": "dark",
    "mystery": "dark",
    "film noir": "dark",
    "science fiction": "wonder",
    "family": "wonder",
    "animation": "wonder",
    "fantasy": "wonder",
    "documentary": "true",
}

# Repeated where common.
_PATTERNS = (
    *("The {adjective} {noun}", "The {adjective} {noun}", "The {adjective} {noun}", "{adjective} {noun}"),
    *("The {noun} of {place}", "{first}'s {noun}", "A {noun} in {place}", "{verb} {first}", "{verb} {place}"),
    *("{verb} the {noun}", "{first} {last}", "The {noun} and the {other_noun}", "{noun} and {other_noun}"),
    *(
        "Beyond the {noun}",
        "Before the {noun}",
        "No {noun} for {first}",
        "{place} {noun}",
        "The {last} {noun}",
    ),
    *("{first} and {other_first}", "{number} {nouns}", "The {noun} from {place}", "My {adjective} {noun}"),
    *("{first} and the {adjective} {noun}", "A {adjective} {noun}", "A {adjective} {noun} in {place}"),
    *("When {first} Met {other_first}", "{noun} of the {other_noun}", "{number} {nouns} in {place}"),
    *("{last} v. {other_last}", "The {last} {other_noun}", "{first}, {other_first} and the {noun}"),
)
_TRUE_PATTERNS = (
    *("Inside {place}", "The {adjective} {noun}", "{first} {last}: A Life", "The {noun} of {place}"),
    *("{adjective} {noun}: The Story of {first} {last}", "{nouns} of {place}", "{place}: {adjective} {noun}"),
    *("Who Was {first} {last}?", "The Making of {first} {last}", "{noun} and {other_noun}"),
)
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) ([AEIOUaeiou])")
_OWN_FLAVOUR_CHANCE = 0.6
_REMAKE_CHANCE = 0.002
_N_TRIES, _N_DRAWS = 8, 12


def compose_titles(rng: np.random.Generator, kind_names: Sequence[str]) -> list[str]:
    """Compose a title for each film, of the kind given; but for a few remakes, each has one of its own."""
    times_used: dict[str, int] = {}
    titles = []
    for kind_name, tries in zip(kind_names, rng.random((len(kind_names), _N_TRIES, _N_DRAWS)), strict=True):
        title = _new_title(_FLAVOURS.get(kind_name, "any"), tries, times_used)
        times_used[title] = times_used.get(title, 0) + 1
        titles.append(title)
    return titles


def _new_title(flavour: str, tries: npt.NDArray[np.float64], times_used: Mapping[str, int]) -> str:
    title = ""
    for draws in tries:
        title = _compose(flavour, draws.tolist())
        if title not in times_used or draws[-1] < _REMAKE_CHANCE:
            return title
    return f"{title}, Part {times_used[title] + 1}"


def _compose(flavour: str, draws: Sequence[float]) -> str:
    patterns = _TRUE_PATTERNS if flavour == "true" else _PATTERNS
    adjectives = _ADJECTIVES[flavour if draws[0] < _OWN_FLAVOUR_CHANCE else "any"]
    nouns = _NOUNS[flavour if draws[1] < _OWN_FLAVOUR_CHANCE else "any"]
    noun, other_noun = _two_of(nouns, draws[2], draws[3])
    first_name, other_first_name = _two_of(_FIRST_NAMES, draws[4], draws[5])
    last_name, other_last_name = _two_of(_LAST_NAMES, draws[6], draws[7])
    title = _one_of(patterns, draws[8]).format(
        adjective=_one_of(adjectives, draws[9]),
        noun=noun,
        nouns=_plural(noun),
        other_noun=other_noun,
        place=_one_of(_PLACES, draws[10]),
        first=first_name,
        other_first=other_first_name,
        last=last_name,
        other_last=other_last_name,
        verb=_one_of(_VERBS, draws[5]),
        number=_one_of(_NUMBERS, draws[7]),
    )
    return _A_BEFORE_VOWEL.sub(r"\1n \2", title)


def _one_of(words: Sequence[str], draw: float) -> str:
    return words[int(draw * len(words))]


def _two_of(words: Sequence[str], draw: float, other_draw: float) -> tuple[str, str]:
    """Choose two different words."""
    index = int(draw * len(words))
    step = 1 + int(other_draw * (len(words) - 1))
    return words[index], words[(index + step) % len(words)]


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
