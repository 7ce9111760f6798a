from __future__ import annotations

import pytest

from mlcore.automl.proposals import Proposal, Proposals
from mlcore.models import MODELS
from mlcore.models.hyperparameter_kinds import Hyperparameter, Integer, Real, SearchRange
from tests.mlcore.hand_made import FITTED_MODELS

SEARCHED = [
    (name, row)
    for name in FITTED_MODELS
    for row in MODELS[name].hyperparameters
    if row.search is not None
]


@pytest.mark.parametrize(("name", "row"), SEARCHED)
def test_what_is_searched_is_allowed(name: str, row: Hyperparameter) -> None:
    if isinstance(row.search, SearchRange):
        assert isinstance(row, Integer | Real)
        assert row.minimum <= row.search.low < row.search.high <= row.maximum
        assert not row.search.log or row.search.low > 0
        assert row.default is None or row.default <= row.search.high
    else:
        assert row.search is not None
        assert [row.read(choice) for choice in row.search] == list(row.search)
        assert row.default in row.search


def begun(*names: str, seed: int = 3) -> Proposals:
    proposals = Proposals(seed)
    for place, name in enumerate(names):
        default = proposals.default(MODELS[name])
        for fold in range(3):
            assert not proposals.is_hopeless(default, fold, 0.5 + fold / 10 + place)
        proposals.tell(default, 0.6 + place)
    return proposals


def proposed(proposals: Proposals) -> Proposal:
    proposal = proposals.propose()
    assert proposal is not None
    return proposal


def test_every_proposal_is_allowed_and_within_what_is_searched() -> None:
    proposals = begun(*FITTED_MODELS)
    seen = set()
    for place in range(60):
        proposal = proposed(proposals)
        kind = proposal.model_type
        seen.add(kind.name)
        assert kind.read_hyperparameters(proposal.values)[0] == proposal.values
        for row in kind.hyperparameters:
            value = proposal.values[row.name]
            if isinstance(row.search, SearchRange):
                assert row.search.low <= value <= row.search.high
            elif row.search is None:
                assert value == row.default
            else:
                assert value in row.search
        proposals.tell(proposal, place / 60)
    assert "pca" not in seen
    assert len(seen) > 3


def test_the_same_losses_lead_to_the_same_proposals() -> None:
    chains = []
    for _ in range(2):
        proposals, chain = begun("xgboost", "extra_trees"), []
        for place in range(12):
            proposal = proposed(proposals)
            chain.append(proposal.key)
            proposals.tell(proposal, [0.4, 0.5, None][place % 3])
        chains.append(chain)
    assert chains[0] == chains[1]
    other = begun("xgboost", "extra_trees", seed=4)
    assert [proposed(other).key for _ in range(4)] != chains[0][:4]


def test_only_model_types_whose_defaults_finished_are_proposed() -> None:
    proposals = begun("xgboost")
    proposals.tell(proposals.default(MODELS["svm"]), None, failed=True)
    assert {proposed(proposals).model_type.name for _ in range(10)} == {"xgboost"}


def test_the_better_model_type_is_proposed_more_often() -> None:
    proposals = begun("decision_tree", "xgboost")
    names = []
    for _ in range(40):
        proposal = proposed(proposals)
        names.append(proposal.model_type.name)
        proposals.tell(proposal, 0.2 if proposal.model_type.name == "xgboost" else 0.9)
    assert names[20:].count("xgboost") > 14


def test_without_anything_to_vary_nothing_is_proposed() -> None:
    assert begun("pca").propose() is None
    assert Proposals(1).propose() is None


def test_a_proposal_worse_than_most_is_given_up() -> None:
    proposals = begun("xgboost", "extra_trees", "decision_tree")
    # Their means over the first fold are 0.5, 1.5 and 2.5, over two folds 0.55, 1.55 and 2.55.
    proposal = proposed(proposals)
    assert not proposals.is_hopeless(proposal, 0, 1.5)
    assert proposals.is_hopeless(proposal, 1, 1.7)
    better = proposed(proposals)
    assert not proposals.is_hopeless(better, 0, 0.4)
    assert not proposals.is_hopeless(better, 1, 2.6)
    assert proposals.is_hopeless(better, 2, 5.0)


def test_what_was_tried_is_recognised() -> None:
    proposals = Proposals(1)
    tree = MODELS["decision_tree"]
    assert proposals.default(tree).key == proposals.default(tree).key
    values, _ = tree.read_hyperparameters({"max_depth": 4})
    assert Proposal(model_type=tree, values=values).key != proposals.default(tree).key
