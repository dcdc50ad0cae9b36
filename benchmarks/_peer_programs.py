"""Other simulators of recommenders: what pip installs for each, and a small program that shows slates in it.

Pins are those with which each was found to work on Python 3.11, in November 2026. A program defines `slates`,
which shows slates to visitors and returns how many, and may define `seconds`, the CPU seconds used so far.
Parts of a peer that are learnt models or generators of data, and need what builds nowhere any more, are left
out: no slate passes through them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """Another simulator.

    Args:
        name: as it calls itself.
        requirements: what pip installs, with what they need.
        alone: what pip installs without what it says it needs, whatever Python it says it needs.
        program: shows slates.
        does: what one slate of it is.
    """

    name: str
    requirements: tuple[str, ...]
    alone: tuple[str, ...]
    program: str
    does: str


_LEAVE_OUT = """
import sys, types
class _LeftOut(types.ModuleType):
    def __getattr__(self, name):
        return object
def leave_out(*names):
    for name in names:
        sys.modules[name] = _LeftOut(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, sys.modules[name])
"""

_RECSIM_NG = """
import os
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
from recsim_ng.applications.latent_variable_model_learning import simulation_config
from recsim_ng.core import network
from recsim_ng.lib.tensorflow import runtime
story = simulation_config.create_latent_variable_model_network(num_users=10_000, num_topics=10, slate_size=6)
made = runtime.TFRuntime(network=network.Network(variables=story))
def slates():
    return made.trajectory(length=50)["user response"].get("choice").numpy().size
"""

_SIM4REC = (
    _LEAVE_OUT
    + """
leave_out("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils", "torch.utils.data")
leave_out("sdv", "sdv.tabular", "sdv.evaluation")
leave_out("replay", "replay.experiment", "replay.metrics", "replay.session_handler")
import itertools, os, tempfile, time
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession, functions as sf
from sim4rec.modules import Simulator
from sim4rec.response import BernoulliResponse, NoiseResponse, ParametricResponseFunction
settings = {"ui.enabled": "false", "sql.shuffle.partitions": "1", "driver.memory": "2g"}
local = {"driver.bindAddress": "127.0.0.1", "driver.host": "127.0.0.1"}
builder = SparkSession.builder.master("local[1]")
for key, value in {**settings, **local}.items():
    builder = builder.config("spark." + key, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
users = spark.range(20_000).withColumnRenamed("id", "user_idx").withColumn("taste", sf.rand(7)).cache()
items = spark.range(1_000).withColumnRenamed("id", "item_idx").withColumn("quality", sf.rand(8)).cache()
users.count(), items.count()
film = (sf.col("user_idx") * 7 + sf.col("place") * 11) % 1000
places = spark.range(6).withColumnRenamed("id", "place")
shown = users.select("user_idx").crossJoin(places).withColumn("item_idx", film)
weighed = {"inputCols": ["taste", "quality", "noise"], "weights": [0.1, 0.1, 1.0]}
choice = PipelineModel([
    NoiseResponse(mu=0.0, sigma=0.1, outputCol="noise", seed=7),
    ParametricResponseFunction(outputCol="chance", **weighed),
    BernoulliResponse(inputCol="chance", outputCol="response", seed=7),
])
made = Simulator(None, None, data_dir=tempfile.mkdtemp(dir=".") + "/log", spark_session=spark)
turns = itertools.count()
def slates():
    for turn in itertools.islice(turns, 2):
        answers = made.sample_responses(shown, choice, users, items)
        made.update_log(answers.select("user_idx", "item_idx", "response"), iteration=turn)
    return 2 * 20_000
def seconds():  # Spark works in a JVM
    with open(f"/proc/{spark.sparkContext._gateway.proc.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
"""
)

_RECOGYM = (
    _LEAVE_OUT
    + """
leave_out("recogym.agents")  # models of PyTorch
import gym
from recogym import env_1_args
made = gym.make("reco-gym-v1", disable_env_checker=True).unwrapped
made.init_gym({**env_1_args, "random_seed": 7, "num_products": 100})
def slates():
    n = 0
    for user in range(300):
        made.reset(user)
        *_, is_over, _ = made.step(None)
        while not is_over:
            *_, is_over, _ = made.step(7)
            n += 1
    return n
"""
)

_T_RECS = """
from trecs.models import PopularityRecommender
def slates():
    PopularityRecommender(num_users=1000, num_items=1000, num_items_per_iter=6, seed=7).run(timesteps=3)
    return 1000 * 3
"""

PEERS = (
    Peer(
        "RecSim NG 0.1.2",
        (
            *("tensorflow-cpu==2.15.1", "tensorflow-probability==0.23.0", "edward2==0.0.2", "numpy==1.26.4"),
            *("gin-config==0.5.0", "gym==0.26.2", "absl-py", "matplotlib==3.8.4", "setuptools<70"),
        ),
        ("recsim-ng==0.1.2",),
        _RECSIM_NG,
        "6 films of random features, 10,000 users at once, one compiled graph of 50 steps; no assignment, "
        "no pages behind the slate",
    ),
    Peer(
        "Sim4Rec 0.0.2 on Spark 3.4.4",
        (
            *("pyspark==3.4.4", "numpy==1.26.4", "pandas==1.5.3", "scipy==1.11.4", "pyarrow==14.0.2"),
            *("setuptools<70", "wheel"),
        ),
        ("sim4rec==0.0.2",),
        _SIM4REC,
        "6 films, each answered yes or no, kept as Parquet; needs Java",
    ),
    Peer(
        "RecoGym 0.1.3, reco-gym-v1, 100 products",
        (
            *("numpy==1.26.4", "gym==0.26.2", "numba==0.59.1", "pandas==1.5.3", "scipy==1.11.4"),
            *("scikit-learn==1.3.2", "matplotlib==3.7.5", "tqdm", "setuptools<70"),
        ),
        ("recogym==0.1.3.0",),
        _RECOGYM,
        "one product, user after user",
    ),
    Peer(
        "T-RECS 0.2.1, popularity, 1,000 users and items",
        (
            *("numpy==1.23.5", "scipy==1.10.1", "pandas==1.5.3", "networkx==2.8.8", "matplotlib==3.7.5"),
            *("scikit-learn==1.2.2", "lenskit==0.14.4", "lazy-importer", "tqdm", "setuptools<70"),
        ),
        ("trecs==0.2.1",),
        _T_RECS,
        "6 films chosen by the model at every step",
    ),
)
