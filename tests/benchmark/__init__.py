"""The benchmark: `python -m tests.benchmark`, and `python -m tests.benchmark.growth`.

The files, in the order in which they are met:

    __main__      options, what is started, what is measured in which order
    growth        the same requests against little and much
    dataset       the rows, and samples of them
    postgres      the database server that all share
    workloads     what is asked for, and how each server is asked for it
    contestants   who competes: how each is started, and what it is left out for
    http_server   a server that is measured with wrk (requests.lua)
    pgbench       the same SQL without a server
    processes     what processes cost
    checks        the answers that have to be right before they are timed
    results       runs, medians, tables
    targets       what Superbill has to reach
    peers/        the others, as their users write them, and what they need
"""
