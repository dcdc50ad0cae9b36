"""Behaviour: who visits, what they look at, what they click. Pure; every draw is counted, none is stateful."""

from simulator.behaviour.population import Visitor

__all__ = ["Visitor"]
