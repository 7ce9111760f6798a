"""The papers of what models are made of, and of how they are explained."""

from __future__ import annotations

from mlcore.references import Reference

__all__ = [
    "AUMANN_SHAPLEY",
    "BOOSTING",
    "EXTRA_TREES",
    "FOREST",
    "PARZEN",
    "PERMUTATIONS",
    "SCIKIT_LEARN",
    "SHAPLEY",
    "STACKING",
    "SUPPORT_VECTORS",
    "TREE_SHAPLEY",
    "XGBOOST",
]

_LEARNING = "Machine Learning"

SCIKIT_LEARN = Reference(
    key="pedregosa2011",
    title="Scikit-learn: Machine Learning in Python",
    authors="Pedregosa, Fabian and Varoquaux, Gaël and Gramfort, Alexandre and others",
    year=2011,
    where={
        "journal": "Journal of Machine Learning Research",
        "volume": "12",
        "pages": "2825--2830",
    },
)
XGBOOST = Reference(
    key="chen2016",
    title="XGBoost: A Scalable Tree Boosting System",
    authors="Chen, Tianqi and Guestrin, Carlos",
    year=2016,
    kind="inproceedings",
    doi="10.1145/2939672.2939785",
    where={
        "booktitle": "Proceedings of the 22nd ACM SIGKDD International Conference on Knowledge"
        " Discovery and Data Mining",
        "pages": "785--794",
    },
)
FOREST = Reference(
    key="breiman2001",
    title="Random Forests",
    authors="Breiman, Leo",
    year=2001,
    doi="10.1023/A:1010933404324",
    where={"journal": _LEARNING, "volume": "45", "pages": "5--32"},
)
EXTRA_TREES = Reference(
    key="geurts2006",
    title="Extremely Randomized Trees",
    authors="Geurts, Pierre and Ernst, Damien and Wehenkel, Louis",
    year=2006,
    doi="10.1007/s10994-006-6226-1",
    where={"journal": _LEARNING, "volume": "63", "pages": "3--42"},
)
BOOSTING = Reference(
    key="friedman2001",
    title="Greedy Function Approximation: A Gradient Boosting Machine",
    authors="Friedman, Jerome H.",
    year=2001,
    doi="10.1214/aos/1013203451",
    where={"journal": "The Annals of Statistics", "volume": "29", "pages": "1189--1232"},
)
SUPPORT_VECTORS = Reference(
    key="cortes1995",
    title="Support-Vector Networks",
    authors="Cortes, Corinna and Vapnik, Vladimir",
    year=1995,
    doi="10.1007/BF00994018",
    where={"journal": _LEARNING, "volume": "20", "pages": "273--297"},
)
STACKING = Reference(
    key="wolpert1992",
    title="Stacked Generalization",
    authors="Wolpert, David H.",
    year=1992,
    doi="10.1016/S0893-6080(05)80023-1",
    where={"journal": "Neural Networks", "volume": "5", "pages": "241--259"},
)
PARZEN = Reference(
    key="bergstra2011",
    title="Algorithms for Hyper-Parameter Optimization",
    authors="Bergstra, James and Bardenet, Rémi and Bengio, Yoshua and Kégl, Balázs",
    year=2011,
    kind="inproceedings",
    where={"booktitle": "Advances in Neural Information Processing Systems", "volume": "24"},
)
TREE_SHAPLEY = Reference(
    key="lundberg2020",
    title="From Local Explanations to Global Understanding with Explainable AI for Trees",
    authors="Lundberg, Scott M. and Erion, Gabriel and Chen, Hugh and others",
    year=2020,
    doi="10.1038/s42256-019-0138-9",
    where={"journal": "Nature Machine Intelligence", "volume": "2", "pages": "56--67"},
)
SHAPLEY = Reference(
    key="lundberg2017",
    title="A Unified Approach to Interpreting Model Predictions",
    authors="Lundberg, Scott M. and Lee, Su-In",
    year=2017,
    kind="inproceedings",
    where={"booktitle": "Advances in Neural Information Processing Systems", "volume": "30"},
)
PERMUTATIONS = Reference(
    key="castro2009",
    title="Polynomial Calculation of the Shapley Value Based on Sampling",
    authors="Castro, Javier and Gómez, Daniel and Tejada, Juan",
    year=2009,
    doi="10.1016/j.cor.2008.04.004",
    where={
        "journal": "Computers and Operations Research",
        "volume": "36",
        "pages": "1726--1730",
    },
)
AUMANN_SHAPLEY = Reference(
    key="sundararajan2017",
    title="Axiomatic Attribution for Deep Networks",
    authors="Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi",
    year=2017,
    kind="inproceedings",
    where={
        "booktitle": "Proceedings of the 34th International Conference on Machine Learning",
        "pages": "3319--3328",
    },
)
