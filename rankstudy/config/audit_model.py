from rankstudy.core.strict import Strict
class Audit(Strict):
    pass
