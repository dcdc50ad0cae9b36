"""The runner's answers to what its workers ask of the brain."""

from simulator.behaviour import BehaviourError, Visitor
from simulator.engines.browser.messages import (
    DetourAnswer,
    DetourOffered,
    LookAnswer,
    Message,
    NextVisitAnswer,
    NoAnswer,
    PlayerOffered,
    Question,
    SlateShown,
    WatchAnswer,
)
from simulator.visit import Brain


def decide(brain: Brain, visitor: Visitor, question: Question) -> Message:
    """What the visitor decides; a `NoAnswer` when the brain cannot tell."""
    try:
        return _answer(brain, visitor, question)
    except BehaviourError as error:
        return NoAnswer(str(error))


def _answer(brain: Brain, visitor: Visitor, question: Question) -> Message:
    if isinstance(question, SlateShown):
        look = brain.look(visitor, question.movie_ids, question.moment)
        return LookAnswer(look.dwell_s, look.chosen_position)
    if isinstance(question, PlayerOffered):
        watch = brain.watch(visitor, question.movie_id, question.moment)
        if watch is None:
            return WatchAnswer(None, is_completed=False)
        return WatchAnswer(watch.watch_s, watch.is_completed)
    if isinstance(question, DetourOffered):
        return DetourAnswer(brain.detour(visitor, question.moment))
    return NextVisitAnswer(brain.next_visit_ms(visitor, question.moment))
