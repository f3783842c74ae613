def audit_embedding(*a, output, **k):
    open(output, "w").write("x")
