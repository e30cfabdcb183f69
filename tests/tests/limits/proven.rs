//! Which test shows what a limit does. Most take a plugin there while a neighbour answers; the others are the tests of
//! whatever keeps the limit.

use plughold::Limits;
use plughold_tests::missing_test;
use std::collections::HashSet;

/// The limits by their names in [`Limits::table`], and the tests as a file and a name.
const PROVEN: &[(&str, &str, &str)] = &[
    ("memory", "tests/tests/limits/space.rs", "memory_and_stack"),
    ("memory", "tests/tests/reports.rs", "running_out_of_memory_is_told_with_the_curve_s_limit"),
    ("memory_cap", "tests/tests/limits/space.rs", "what_a_manifest_asks_for_is_capped_and_told"),
    ("memory_cap", "crates/cli/tests/cli/check.rs", "what_a_plugin_does_not_get_is_a_warning"),
    ("stack", "tests/tests/limits/space.rs", "memory_and_stack"),
    ("stack_cap", "tests/tests/limits/space.rs", "what_a_manifest_asks_for_is_capped_and_told"),
    ("entry", "tests/tests/limits/space.rs", "the_entry_file"),
    ("modules", "plugin-runner/tests/runner/modules.rs", "modules_of_a_plugin_are_bounded"),
    ("module_bytes", "plugin-runner/tests/runner/modules.rs", "modules_of_a_plugin_are_bounded"),
    ("exports", "tests/tests/limits/space.rs", "exports"),
    ("exports", "host/src/session/tests/limits.rs", "exports_have_a_bound"),
    ("export_names", "tests/tests/limits/space.rs", "exports"),
    ("export_names", "host/src/session/tests/limits.rs", "exports_have_a_bound"),
    ("start", "tests/tests/faults/loading.rs", "never_hello"),
    ("activate", "tests/tests/faults/loading.rs", "never_ready"),
    ("turn", "tests/tests/unresponsive.rs", "a_loop_is_reported_with_its_line_and_interrupted"),
    ("turn", "tests/tests/unresponsive.rs", "an_endless_chain_of_promises_is_a_loop_as_well"),
    ("unresponsive", "tests/tests/unresponsive.rs", "a_loop_is_reported_after_a_second"),
    ("kill", "tests/tests/unresponsive.rs", "what_ignores_the_interrupt_is_killed"),
    ("call", "tests/tests/deadlines.rs", "at_the_deadline"),
    ("linger", "tests/tests/limits/lives.rs", "functions_that_nobody_wants_end"),
    ("stop", "tests/tests/faults/ending.rs", "ignores_stop"),
    ("ask", "tests/tests/permissions.rs", "whoever_does_not_answer_has_said_no"),
    ("cpu", "host/src/figures/budget.rs", "who_uses_too_much_is_told_of_once_in_a_minute"),
    ("idle", "tests/tests/resting.rs", "a_plugin_that_nobody_uses_rests_and_goes_on_with_its_state"),
    ("in_flight", "tests/tests/limits/calls.rs", "calls_of_a_plugin_in_flight"),
    ("in_flight", "tests/tests/limits/calls.rs", "calls_to_a_plugin_in_flight"),
    ("in_flight", "tests/tests/limits/calls.rs", "one_plugin_leaves_room_in_the_window_of_another"),
    ("in_flight", "host/src/session/tests/limits.rs", "calls_of_one_plugin_leave_room_for_others"),
    ("queued_calls", "tests/tests/limits/calls.rs", "calls_that_wait_for_room"),
    ("queued_bytes", "tests/tests/limits/calls.rs", "calls_that_wait_for_room"),
    ("nested_turns", "plugin-runner/tests/runner/nesting.rs", "turns_nest_to_their_bound"),
    ("chain", "host/src/session/tests/chains.rs", "a_chain_that_is_too_long_ends_with_an_error"),
    ("serving", "host/src/session/tests/attacks.rs", "elements_that_are_worked_on_have_a_bound"),
    ("serving", "host/src/session/serving.rs", "notifications_and_arguments_have_bounds_too"),
    ("unread", "host/src/session/tests/bounds.rs", "a_runner_that_never_reads_is_ended"),
    ("message", "tests/tests/limits/values.rs", "messages_of_a_plugin"),
    ("message", "tests/tests/limits/values.rs", "messages_to_a_plugin"),
    ("depth", "tests/tests/limits/values.rs", "nesting"),
    ("nodes", "tests/tests/limits/values.rs", "elements"),
    ("members", "plugin-runner/tests/runner/objects.rs", "what_an_instance_has_is_bounded"),
    ("error_text", "tests/tests/limits/values.rs", "texts_of_an_error"),
    ("state", "plugin-runner/tests/runner/suspend.rs", "a_state_may_be_as_long_as_the_bound_says"),
    ("state", "tests/tests/handover/states.rs", "a_state_that_cannot_be_had_costs_nothing_else"),
    ("references", "tests/tests/limits/held.rs", "references_of_a_plugin"),
    ("references", "tests/tests/limits/held.rs", "references_to_a_plugin"),
    ("references", "tests/tests/limits/held.rs", "a_function_in_many_messages_counts_once"),
    ("references", "host/src/session/tests/limits.rs", "functions_of_one_plugin_leave_room_for_others"),
    ("timers", "tests/tests/limits/held.rs", "timers"),
    ("streams", "tests/tests/limits/held.rs", "streams"),
    ("stream_window", "tests/tests/streams.rs", "a_slow_reader_holds_a_plugins_source_back"),
    ("registrations", "tests/tests/limits/held.rs", "registrations"),
    ("log_rate", "tests/tests/limits/said.rs", "lines_of_the_log"),
    ("log_rate", "tests/tests/bounded.rs", "a_plugin_that_logs_without_end_waits_and_lives"),
    ("log_line", "tests/tests/limits/said.rs", "one_line_of_the_log"),
    ("message_rate", "tests/tests/faults/flooding.rs", "floods_notifications"),
    ("message_rate", "host/src/session/tests/limits.rs", "rates_are_the_embedders"),
    ("events", "tests/tests/bounded.rs", "a_slow_reader_of_events_is_told_what_it_missed"),
    ("storage", "tests/tests/storage.rs", "the_quota_holds_and_refuses_whole_batches"),
    ("files", "host/src/services/files/tests.rs", "the_quota_counts_holes_names_and_what_is_open"),
    ("open_files", "host/src/services/files/tests.rs", "open_files_are_bounded_and_belong_to_their_process"),
    ("read_file", "tests/tests/limits/space.rs", "what_is_read_of_a_file_at_once"),
    ("restarts", "tests/tests/supervision.rs", "after_five_crashes_it_is_disabled_and_started_by_hand"),
    ("reports", "host/src/blackbox/store.rs", "there_are_never_too_many_and_other_files_are_left_alone"),
    ("report", "host/src/blackbox/store.rs", "the_largest_report_fits_and_is_read_again"),
    ("unwritten_reports", "host/src/blackbox/store.rs", "few_wait_for_the_disk_at_one_time"),
];

#[test]
fn every_limit_has_a_test() {
    let names = HashSet::<&str>::from_iter(Limits::table().iter().map(|limit| limit.name));
    let proven = HashSet::<&str>::from_iter(PROVEN.iter().map(|(limit, ..)| *limit));
    let unproven = Vec::from_iter(names.difference(&proven));
    assert!(unproven.is_empty(), "limits without a test: {unproven:?}");
    let unknown = Vec::from_iter(proven.difference(&names));
    assert!(unknown.is_empty(), "tests of limits that there are not: {unknown:?}");
    let missing = PROVEN.iter().filter_map(|(_, file, test)| missing_test(&format!("{file}::{test}")));
    let missing = Vec::from_iter(missing);
    assert!(missing.is_empty(), "{missing:#?}");
}
