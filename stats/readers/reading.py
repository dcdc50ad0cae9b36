"""What a reader hands over: outcomes, the roles of the variants, and what was found on the way."""

from dataclasses import dataclass

from stats.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Reading:
    """Outcomes of anyone's data, with the choices that reading it took.

    Args:
        outcomes: the arms, control first.
        control: the name of the control among the variants.
        treatments: the names of those compared with it.
        notes: what was sniffed or left out, one line each, for the person who asked.
    """

    outcomes: Outcomes
    control: str
    treatments: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def treatment(self) -> str:
        """The name of the variant compared with the control; of several, the first."""
        return self.treatments[0]
