def leakage_of(judged, spaces, outputs): pass
