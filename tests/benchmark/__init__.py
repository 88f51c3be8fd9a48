"""The benchmark: `python -m tests.benchmark`, and `python -m tests.benchmark.growth`.

The files, in the order in which a run uses them:

    __main__      the options, which servers start, and what is measured in which order
    comparison    the CPU time of a request in this tree and on another branch
    growth        the cost of a request with few and with many rows
    workers       the cost of a request with one, two and four worker processes
    streams       the speed of exports and imports, compared with psql
    neighbours    the effect of large requests on others
    options       the options of those that repeat their runs
    dataset       the rows, and samples of them
    postgres      the database server that all systems share
    workloads     the requests of each workload, for each kind of server
    systems       the systems that are measured: how each is started, and why one is left out
    http_server   a server that is measured with wrk (requests.lua)
    pgbench       the same SQL without an HTTP server
    installation  the libraries of the peers
    processes     the CPU time of processes
    checks        the answers that must be correct before they are timed
    results       runs, medians, tables
    targets       the ratios that Superbill must reach
    peers/        the same API as users of other frameworks write it, and their configuration
"""
