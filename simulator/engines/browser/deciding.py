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
    ReturnAnswer,
    ReturnOffered,
    SignInAnswer,
    SignInOffered,
    SlateShown,
    VisitLeft,
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
    answer: Message
    match question:
        case SignInOffered():
            answer = SignInAnswer(brain.sign_in(visitor))
        case SlateShown():
            look = brain.look(visitor, question.movie_ids, question.moment)
            answer = LookAnswer(look.dwell_s, look.chosen_position)
        case DetourOffered():
            answer = DetourAnswer(brain.detour(visitor, question.moment))
        case PlayerOffered():
            watch = brain.watch(visitor, question.movie_id, question.moment)
            seconds, is_completed = (None, False) if watch is None else (watch.watch_s, watch.is_completed)
            answer = WatchAnswer(seconds, is_completed)
        case ReturnOffered():
            answer = ReturnAnswer(brain.goes_back(visitor, question.moment))
        case VisitLeft():
            answer = NextVisitAnswer(brain.next_visit_ms(visitor, question.moment))
    return answer
