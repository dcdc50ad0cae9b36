"""How visits in browsers are shown to people who want to see them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BrowserDisplay:
    """What there is to see of the visits.

    Args:
        is_headed: open windows on this machine's screen.
        slow_motion_s: pause before everything a visitor does, in real seconds.
        screenshot_folder: where screenshots of failed visits go; None takes no screenshots.
        screenshot_every: also keep one of each page of every so many visits, the first included; 0 is never.
    """

    is_headed: bool = False
    slow_motion_s: float = 0.0
    screenshot_folder: Path | None = None
    screenshot_every: int = 0

    def __post_init__(self) -> None:
        if self.slow_motion_s < 0 or self.screenshot_every < 0:
            raise ValueError(
                f"slow_motion_s is {self.slow_motion_s:g} and screenshot_every {self.screenshot_every}; "
                "neither can be below 0"
            )

    def is_photographed(self, n_begun: int) -> bool:
        """Whether the pages of a visit are photographed that begins as number `n_begun`, from 0."""
        return (
            self.screenshot_folder is not None
            and self.screenshot_every > 0
            and n_begun % self.screenshot_every == 0
        )


class Camera:
    """Takes the screenshots of one visit.

    Args:
        folder: where they go; made when there is one; None takes none.
        name: of the visit; begins the files' names.
        takes_all: every page, not only the last of a visit that failed.
    """

    def __init__(self, folder: Path | None, name: str, *, takes_all: bool) -> None:
        self._folder = folder
        self._name = name
        self._takes_all = takes_all

    def wants(self, *, has_failed: bool) -> bool:
        """Whether a screenshot is to be taken now."""
        return self._folder is not None and (self._takes_all or has_failed)

    def keep(self, png: bytes, step: int, *, has_failed: bool) -> None:
        """Store the screenshot of a page, at this step of the visit."""
        assert self._folder is not None, "wants() comes first"
        self._folder.mkdir(parents=True, exist_ok=True)
        ending = "-failed" if has_failed else ""
        (self._folder / f"{self._name}-step{step}{ending}.png").write_bytes(png)
