"""The Merkle tree: published vectors, every small proof, and speed."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evidence.journal import tree
from monitor.evidence.journal.tiles import Tiles, tile_path
from monitor.evidence.journal.tree import Tree, leaf_hash
from tests.evidence.proofs import extends, includes

# Entries and roots published with Certificate Transparency's reference implementation.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hashlib.sha256(str(n).encode()).digest() for n in range(512)]


@pytest.mark.parametrize("count", range(1, 9))
def test_it_computes_the_published_roots(count: int) -> None:
    assert Tree(map(leaf_hash, ENTRIES[:count])).root().hex() == ROOTS[count - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree().root() == hashlib.sha256(b"").digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


def test_every_root_up_to_512_follows_the_definition() -> None:
    whole = Tree(LEAVES)
    assert all(whole.root(size) == plain_root(LEAVES[:size]) for size in range(1, 513))


@pytest.mark.slow
def test_every_inclusion_proof_up_to_512_holds_and_for_its_place_alone() -> None:
    whole = Tree(LEAVES)
    for size in range(1, 513):
        expected = whole.root(size)
        for index in range(size):
            path = tree.inclusion(whole.node, index, size)
            assert includes(LEAVES[index], index, size, path, expected)
            assert not includes(LEAVES[index], (index + 1) % size, size, path, expected) or size == 1


@pytest.mark.slow
def test_every_consistency_proof_up_to_512_holds() -> None:
    whole = Tree(LEAVES)
    roots = [whole.root(size) for size in range(513)]
    for new in range(1, 513):
        for old in range(1, new + 1):
            path = tree.consistency(whole.node, old, new)
            assert extends(old, new, roots[old], roots[new], path)
            assert not extends(old, new, roots[old - 1], roots[new], path)


sizes = st.integers(1, 512)


@given(sizes, sizes, st.integers(0, 10), st.binary(min_size=32, max_size=32))
def test_a_changed_proof_never_holds(index: int, size: int, place: int, other: bytes) -> None:
    whole, index = Tree(LEAVES[:size]), (index - 1) % size
    path = tree.inclusion(whole.node, index, size)
    longer, shorter = [*path, other], path[:-1]
    swapped = [other if n == place else sibling for n, sibling in enumerate(path)]
    for wrong in (longer, shorter, swapped):
        assert wrong == path or not includes(LEAVES[index], index, size, wrong, whole.root())


@given(sizes, sizes, st.lists(st.binary(min_size=32, max_size=32), max_size=12))
def test_an_invented_consistency_proof_never_holds(old: int, new: int, path: list[bytes]) -> None:
    roots = LEAVES[0], LEAVES[1]
    assert not extends(old, new, *roots, path)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_it_refuses_impossible_consistency_proofs(old: int, new: int) -> None:
    with pytest.raises(ValueError, match=f"from {old} to {new} leaves"):
        tree.consistency(Tree(LEAVES[:3]).node, old, new)
    assert not extends(old, new, LEAVES[0], LEAVES[0], [])


def test_it_refuses_a_leaf_outside_the_tree() -> None:
    with pytest.raises(ValueError, match="leaf 3 is not in a tree of 3"):
        tree.inclusion(Tree(LEAVES[:3]).node, 3, 3)
    assert not includes(LEAVES[0], 3, 3, [], LEAVES[0])


@pytest.mark.slow
def test_a_million_appends_take_seconds_and_a_proof_under_a_millisecond() -> None:
    started = time.perf_counter()
    large = Tree()
    for leaf in LEAVES * (10**6 // 512 + 1):
        large.append(leaf)
    assert large.size >= 10**6
    assert time.perf_counter() - started < 5
    started = time.perf_counter()
    for index in range(0, 10**6, 10**4):
        tree.inclusion(large.node, index, 10**6)
        tree.consistency(large.node, index + 1, 10**6)
    assert (time.perf_counter() - started) / 200 < 0.001


@pytest.mark.parametrize(("index", "width", "path"), [
    (0, 5, "tile/0/000.p/5"),
    (1234067, 256, "tile/0/x001/x234/067"),
    (1000, 1, "tile/0/x001/000.p/1"),
])  # fmt: skip
def test_it_names_tiles_as_c2sp_does(index: int, width: int, path: str) -> None:
    assert tile_path(0, index, width) == path


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_tiles_hold_the_same_tree_however_it_grew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    leaves = [hashlib.sha256(bytes([n & 255, n >> 8])).digest() for n in range(sum(steps))]
    tiles = Tiles(folder, 0)
    for step in steps:
        tiles.extend(leaves[tiles.size : tiles.size + step])
    whole = Tree(leaves)
    assert tiles.root() == whole.root()
    if leaves:
        index = len(leaves) * 2 // 3
        assert tree.inclusion(tiles.node, index, tiles.size) == tree.inclusion(whole.node, index, whole.size)


def test_a_published_tile_survives_a_repeated_publication(tmp_path: Path) -> None:
    Tiles(tmp_path, 0).extend(LEAVES[:300])
    Tiles(tmp_path, 0).extend(LEAVES[:300])
    Tiles(tmp_path, 300).extend(LEAVES[300:])
    assert Tiles(tmp_path, 512).root() == Tree(LEAVES).root()
    assert not list(tmp_path.rglob("*.partial"))
