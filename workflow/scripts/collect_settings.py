from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.settings.tables import TABLES

    for table in TABLES:
        found = table.read_all(snakemake.input[table.name])
        table.write(found, snakemake.output[table.name], snakemake.output[f"{table.name}_tsv"])
