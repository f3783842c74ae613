from dataclasses import dataclass
@dataclass(frozen=True)
class Thresholds:
    pass
