from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tokens.tokenising import tokenise_shards

    tokenise_shards(
        snakemake.input.shards,
        snakemake.input.genes,
        snakemake.input.vocabulary,
        snakemake.input.identity,
        tokenizer=snakemake.params.tokenizer,
        tokens=snakemake.wildcards.tokens,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        values=snakemake.params["values"],
        tokens_out=snakemake.output.tokens,
        report_out=snakemake.output.report,
    )
