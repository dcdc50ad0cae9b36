"""What can go wrong in one visit."""


class SimulatorError(Exception):
    """Base of all errors of the simulator's own."""


class VisitError(SimulatorError, RuntimeError):
    """The site broke off a visit: no answer, a wrong status, or a page that is not what it should be."""


class MissingExtraError(SimulatorError, ImportError):
    """A library that is an extra of Funflix is asked for and not installed."""


class ClusterError(SimulatorError, ConnectionError):
    """The scheduler of a cluster that is to make visits does not answer."""


class WorkerLostError(SimulatorError, RuntimeError):
    """A process that made a part of a run was ended from outside."""
