"""Templates, compiled once for all environments of a process that compile alike."""

from __future__ import annotations

from jinja2.bccache import Bucket, BytecodeCache


class Compiled(BytecodeCache):
    """Keeps what was compiled as long as it lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], bytes] = {}

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """As nothing: Pelican keeps it with the settings of its cached contents, which must load
        where there are no tests."""
        return type(None), ()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name alone: each test has the same template in a folder of its own."""
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if there is something for it."""
        if kept := self._kept.get(_known_by(bucket)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in a bucket."""
        self._kept[_known_by(bucket)] = bucket.bytecode_to_string()


def _known_by(bucket: Bucket) -> tuple[object, ...]:
    kind = bucket.environment
    escapes = kind.autoescape(bucket.key) if callable(kind.autoescape) else kind.autoescape
    marks = kind.trim_blocks, kind.lstrip_blocks
    return bucket.key, bucket.checksum, escapes, *marks, *sorted(kind.extensions)
