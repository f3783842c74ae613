from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tokens.vocabulary import read_release

    read_release(
        dict(snakemake.input.items()),
        snakemake.params.known,
        tokenizer=snakemake.params.tokenizer,
        version=snakemake.params.version,
        vocabulary_out=snakemake.output.vocabulary,
        names_out=snakemake.output.names,
        identity_out=snakemake.output.identity,
    )
