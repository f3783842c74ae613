from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.modules import resolve

    for table in resolve(snakemake.params.tables):
        found = table.read_all(snakemake.input[table.name])
        table.write(found, snakemake.output[table.name], snakemake.output.get(f"{table.name}_tsv"))
