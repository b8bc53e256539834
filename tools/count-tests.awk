# Sums what the runners of a ctest log say of themselves: cmocka's groups, and lines
# "N passed, N failed". A test that failed and counted no failure itself (it crashed,
# hung, or leaked) is one failed; one that passed and counted nothing is one passed.
# Prints "PASSED FAILED".

function finish_test() {
    if (!running)
        return
    if (ended_well && passed + failed == 0)
        passed = 1
    if (!ended_well && failed == 0)
        failed = 1
    all_passed += passed
    all_failed += failed
    running = 0
}

# cmocka's lines may be glued to what the test wrote before them.
function number_before_tests(word) {
    line = substr($0, index($0, "[  " word "  ]"))
    match(line, /[0-9]+ test\(s\)/)
    return substr(line, RSTART, RLENGTH) + 0
}

/^[0-9]+\/[0-9]+ Testing: / { finish_test(); running = 1; passed = failed = ended_well = 0 }
/\[  PASSED  \] [0-9]+ test\(s\)/ { passed += number_before_tests("PASSED") }
/\[  FAILED  \] .*[0-9]+ test\(s\), listed below/ { failed += number_before_tests("FAILED") }
/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
/^Test Passed\.$/ { ended_well = 1 }
END {
    finish_test()
    print all_passed + 0, all_failed + 0
}
