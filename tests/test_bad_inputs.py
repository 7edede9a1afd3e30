"""Every item of the list of bad and odd inputs has its test.

The list numbers them B01 to B39 (forms), C01 to C24 (addresses), D01 to D26 (sessions) and E01 to E30 (the rest).
Each item is held by the tests named here.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.source import ROOT, parsed

WEB = "tests/web/"
ANSWERS, SETTING_UP, FORMS = (
    f"{WEB}readings/test_odd_answers.py",
    f"{WEB}test_odd_setting_up.py",
    f"{WEB}readings/test_odd_forms.py",
)
ADDRESSES, REQUESTS, AUTOSAVE = f"{WEB}test_addresses.py", f"{WEB}test_requests.py", f"{WEB}readings/test_autosave.py"
READING, ENDED, HOUSE, COORDINATOR = (
    f"{WEB}{name}.py"
    for name in (
        "readings/test_reading_pages",
        "signing/test_session_ended",
        "test_house",
        "programmes/test_coordinator_pages",
    )
)
SECURITY = "tests/security/test_"
BODIES, CROSSING, HOSTS, SESSIONS, START = (
    f"{SECURITY}{name}.py" for name in ("bodies", "crossing", "hosts_and_proxies", "odd_sessions", "start")
)
SIGNING_IN, SIGN_INS, SECOND, GUESSING = (
    f"{WEB}{name}.py"
    for name in (
        "signing/test_signing_in",
        "signing/test_sign_ins",
        "signing/test_second_step",
        "signing/test_guessing",
    )
)
SAVING, SCHEMA = "tests/casereader/readings/test_saving.py", "tests/casereader/test_schema.py"
BACKUPS = "tests/casereader/backups/test_"
DISCLOSURE = "tests/casereader/disclosure/test_"
STEPS, SHEETS = "tests/casereader/drawing/test_sampling_steps.py", "tests/casereader/exports/test_tables.py"

HELD: dict[str, tuple[str, ...]] = {
    "B01": (f"{ANSWERS}::test_b01_b06_", f"{READING}::test_submission_says_what_is_missing"),
    "B02": (f"{ANSWERS}::test_b02_",),
    "B03": (f"{READING}::test_a_form_that_breaks_a_rule",),
    "B04": (f"{READING}::test_a_form_that_breaks_a_rule",),
    "B05": (f"{READING}::test_a_form_that_breaks_a_rule",),
    "B06": (f"{ANSWERS}::test_b01_b06_",),
    "B07": (f"{READING}::test_a_refused_answer_is_named", f"{SAVING}::test_a_note_of_20_000_marks"),
    "B08": (f"{SAVING}::test_a_note_that_cannot_be_stored", f"{READING}::test_a_form_that_breaks_a_rule"),
    "B09": (f"{SAVING}::test_a_note_that_cannot_be_stored", f"{AUTOSAVE}::test_refused_answers_come_back"),
    "B10": (f"{ANSWERS}::test_b10_", f"{SAVING}::test_a_note_of_20_000_marks"),
    "B11": (f"{ANSWERS}::test_b11_",),
    "B12": (
        f"{ANSWERS}::test_b10_b12_",
        f"{WEB}test_macros.py::test_tables_lists_and_charts_are_sound",
        f"{SECURITY}markup.py::test_every_kind_of_page",
    ),
    "B13": (f"{ANSWERS}::test_b10_b12_b13_", f"{SHEETS}::test_text_that_a_spreadsheet_might_run_is_guarded"),
    "B14": (f"{READING}::test_notes_that_look_as_if_they_named_somebody",),
    "B15": (f"{ANSWERS}::test_b10_b12_b13_b15_", "tests/casereader/test_identifying.py::test_a_sign_is_seen"),
    "B16": (
        "tests/casereader/test_identifying.py::test_b16_",
        "tests/browser/test_identifying.py::test_the_page_and_the_server_see_the_same_signs",
    ),
    "B17": (f"{READING}::test_a_form_that_breaks_a_rule", f"{AUTOSAVE}::test_a_body_of_another_shape"),
    "B18": (f"{READING}::test_a_stale_form_shows_both_texts",),
    "B19": (f"{READING}::test_the_button_pressed_twice", f"{READING}::test_submitting_twice_answers_the_same"),
    "B20": (f"{ENDED}::test_a_section_is_saved_once", f"{ENDED}::test_b20_", f"{ENDED}::test_nothing_of_what_is_kept"),
    "B21": (f"{ANSWERS}::test_b21_", f"{READING}::test_a_form_sent_after_submission"),
    "B22": (
        f"{ANSWERS}::test_b22_",
        f"{WEB}reading_week/test_progress_pages.py::test_a_case_that_is_given_to_another_is_theirs",
    ),
    "B23": (
        f"{FORMS}::test_b23_what_came",
        f"{FORMS}::test_b23_words_from_another_site",
        f"{ENDED}::test_b23_",
        f"{CROSSING}::test_a_token_is_of_one_session",
    ),
    "B24": (
        f"{ANSWERS}::test_b24_b26_",
        f"{READING}::test_fields_that_are_not_the_reader_s",
        f"{SECURITY}extra_fields.py::test_every_form_as_it_came",
    ),
    "B25": ("tests/security/test_access_matrix.py::test_everybody_is_answered_as_the_table_says",),
    "B26": (
        f"{ANSWERS}::test_b24_b26_",
        "tests/security/test_access_matrix.py::test_everybody_is_answered_as_the_table_says",
    ),
    "B27": (f"{SETTING_UP}::test_b27_b28_", f"{COORDINATOR}::test_a_choice_out_of_bounds"),
    "B28": (f"{SETTING_UP}::test_b27_b28_",),
    "B29": (f"{COORDINATOR}::test_a_public_value_that_cannot_serve",),
    "B30": (
        f"{STEPS}::test_a_sample_is_drawn_once",
        f"{COORDINATOR}::test_list_and_plan_are_fixed_confirmed",
    ),
    "B31": (f"{SETTING_UP}::test_b31_",),
    "B32": (
        "tests/casereader/assignments/test_assignments.py::test_an_ineligible_case_is_replaced_by_the_next_reserve",
    ),
    "B33": (f"{SETTING_UP}::test_b33_",),
    "B34": (f"{SETTING_UP}::test_b34_",),
    "B35": (f"{HOUSE}::test_b35_a_password_that_is_short", f"{HOUSE}::test_b35_any_signs"),
    "B36": (f"{SETTING_UP}::test_b36_",),
    "B37": (f"{SETTING_UP}::test_b37_", f"{WEB}readings/test_rescue.py::test_no_file_is_asked_for_once_more"),
    "B38": (
        f"{FORMS}::test_b23_b38_b39_",
        f"{BODIES}::test_a_form_in_parts",
    ),
    "B39": (
        f"{FORMS}::test_b23_b38_b39_",
        f"{READING}::test_more_fields_than_a_section_has",
        f"{BODIES}::test_100_000_fields",
    ),
    "C01": (f"{ADDRESSES}::test_c01_",),
    "C02": (f"{ADDRESSES}::test_c02_",),
    "C03": (f"{ADDRESSES}::test_c03_",),
    "C04": (
        f"{ADDRESSES}::test_c04_",
        f"{HOSTS}::test_nobody_is_sent_on_to_another_site",
    ),
    "C05": (f"{ADDRESSES}::test_c05_c06_",),
    "C06": (f"{ADDRESSES}::test_c06_",),
    "C07": (f"{ADDRESSES}::test_c07_c24_",),
    "C08": (f"{ADDRESSES}::test_c08_",),
    "C09": (f"{ADDRESSES}::test_c09_", f"{REQUESTS}::test_c09_an_address", f"{REQUESTS}::test_c09_c19_"),
    "C10": (f"{ADDRESSES}::test_c10_", f"{REQUESTS}::test_c10_"),
    "C11": (
        f"{REQUESTS}::test_c11_a_method",
        f"{REQUESTS}::test_c11_head",
        f"{SECURITY}headers.py::test_every_route_answers_every_method",
    ),
    "C12": (f"{REQUESTS}::test_c12_c13_", f"{REQUESTS}::test_c12_a_page"),
    "C13": (f"{REQUESTS}::test_c12_c13_",),
    "C14": (
        f"{REQUESTS}::test_c14_",
        f"{REQUESTS}::test_c20_the_server_refuses",
        f"{HOSTS}::test_a_host_that_is_not_ours",
    ),
    "C15": (
        f"{REQUESTS}::test_c15_",
        f"{HOSTS}::test_without_a_proxy",
        f"{HOSTS}::test_behind_proxies",
    ),
    "C16": (f"{REQUESTS}::test_c16_",),
    "C17": (f"{REQUESTS}::test_c17_no_page", f"{REQUESTS}::test_c17_a_page_of_an_error"),
    "C18": (f"{REQUESTS}::test_c18_",),
    "C19": (f"{REQUESTS}::test_c19_odd", f"{REQUESTS}::test_c19_of_two_sessions", f"{REQUESTS}::test_c09_c19_"),
    "C20": (f"{REQUESTS}::test_c20_the_server_refuses", f"{REQUESTS}::test_c20_a_chunk"),
    "C21": (f"{ADDRESSES}::test_c21_",),
    "C22": (f"{ADDRESSES}::test_c22_",),
    "C23": (f"{ADDRESSES}::test_c23_",),
    "C24": (f"{ADDRESSES}::test_c07_c24_",),
    "D01": (f"{SIGNING_IN}::test_signing_out_ends_the_session_for_a_copy",),
    "D02": (
        f"{SIGN_INS}::test_a_changed_password",
        f"{SIGN_INS}::test_an_administrator_ends_every_sign_in",
        f"{SIGN_INS}::test_the_first_request_after_a_change_of_roles",
    ),
    "D03": (f"{SESSIONS}::test_d03_",),
    "D04": (f"{SESSIONS}::test_d04_", f"{START}::test_a_key_that_is_missing"),
    "D05": (f"{SESSIONS}::test_d05_",),
    "D06": (f"{HOUSE}::test_the_cookie_is_of_this_host", f"{HOSTS}::test_behind_proxies"),
    "D07": (f"{HOUSE}::test_an_idle_session_ends", f"{HOUSE}::test_no_session_outlives", f"{ENDED}::test_a_section_is"),
    "D08": (
        f"{HOUSE}::test_no_session_outlives",
        "tests/casereader/test_factors.py::test_a_code_used_while_the_clock_was_a_year_ahead",
        f"{SAVING}::test_more_saves_than_a_person_makes",
    ),
    "D09": (f"{SIGN_INS}::test_somebody_sees_where_they_are_signed_in",),
    "D10": (f"{SIGNING_IN}::test_a_wrong_password_and_an_unknown_name",),
    "D11": (f"{GUESSING}::test_t27_", f"{GUESSING}::test_strangers_keep_nobody_out"),
    "D12": (f"{GUESSING}::test_t27_",),
    "D13": (f"{SECOND}::test_an_app_is_set_up",),
    "D14": (f"{SECOND}::test_a_moderator_with_nothing_but_a_sheet",),
    "D15": (f"{SESSIONS}::test_d15_", f"{HOUSE}::test_a_one_time_link"),
    "D16": (f"{SESSIONS}::test_d16_", f"{CROSSING}::test_signing_in_and_out"),
    "D17": (f"{SESSIONS}::test_d16_d17_", f"{CROSSING}::test_signing_in_and_out"),
    "D18": ("tests/browser/test_sign_in.py::test_d18_",),
    "D19": (
        f"{SESSIONS}::test_d19_",
        "tests/security/test_access_matrix.py::test_everybody_is_answered_as_the_table_says",
    ),
    "D20": ("tests/casereader/people/test_conflicts.py::test_d20_",),
    "D21": (f"{ANSWERS}::test_b22_",),
    "D22": ("tests/casereader/people/test_conflicts.py::test_t09_a_moderator",),
    "D23": (f"{SESSIONS}::test_d23_",),
    "D24": (
        f"{WEB}signing/test_crowds.py::test_d24_",
        f"{WEB}signing/test_crowds.py::test_whoever_is_sent_away_is_told",
        "tests/test_several_hosts.py::test_d24_",
    ),
    "D25": (f"{SESSIONS}::test_d25_",),
    "D26": (
        "tests/casereader/people/test_old_sign_ins.py::test_d26_",
        "tests/casereader/people/test_old_sign_ins.py::test_a_new_",
    ),
    "E01": (f"{AUTOSAVE}::test_only_plain_json_with_the_token",),
    "E02": (
        f"{AUTOSAVE}::test_a_body_of_another_shape",
        f"{BODIES}::test_json_of_no_or_of_two_meanings",
    ),
    "E03": (
        f"{AUTOSAVE}::test_json_with_no_one_meaning",
        f"{BODIES}::test_json_of_no_or_of_two_meanings",
    ),
    "E04": (
        f"{AUTOSAVE}::test_json_with_no_one_meaning",
        f"{BODIES}::test_json_of_no_or_of_two_meanings",
    ),
    "E05": (
        f"{AUTOSAVE}::test_json_with_no_one_meaning",
        f"{BODIES}::test_json_of_no_or_of_two_meanings",
    ),
    "E06": (
        f"{AUTOSAVE}::test_json_with_no_one_meaning",
        f"{BODIES}::test_json_of_no_or_of_two_meanings",
    ),
    "E07": (f"{AUTOSAVE}::test_json_with_no_one_meaning", f"{AUTOSAVE}::test_only_plain_json_with_the_token"),
    "E08": (f"{AUTOSAVE}::test_a_body_of_another_shape", f"{AUTOSAVE}::test_the_same_key_again_gets_the_first_reply"),
    "E09": (f"{FORMS}::test_e09_",),
    "E10": (f"{AUTOSAVE}::test_too_many_saves", f"{SAVING}::test_more_saves_than_a_person_makes"),
    "E11": (
        f"{WEB}readings/test_interrupted.py::test_e11_",
        "tests/browser/test_autosave.py::test_a_lost_save_is_tried_again",
    ),
    "E12": (
        f"{WEB}readings/test_interrupted.py::test_e12_",
        "tests/browser/test_whole_reading.py::test_by_keyboard_alone_with_the_network_cut",
    ),
    "E13": (f"{WEB}test_busy.py::test_e13_", f"{WEB}test_busy.py::test_a_page_is_shown_while_another_writes"),
    "E14": (f"{WEB}test_full.py::test_e14_",),
    "E15": ("tests/casereader/test_snapshots.py::test_e15_",),
    "E16": (
        f"{WEB}evaluation/test_roll_up_pages.py::test_only_those_who_run",
        f"{WEB}evaluation/test_roll_up_pages.py::test_somebody_of_another",
    ),
    "E17": (
        f"{DISCLOSURE}issues.py::test_a_second_number_is_withheld",
        f"{DISCLOSURE}issues.py::test_a_second_issue_does_not_name",
        f"{DISCLOSURE}strangers.py::test_few_records_that_changed_between_two_issues",
    ),
    "E18": (
        f"{WEB}issuing/test_issue_pages.py::test_the_files_are_what_was_frozen",
        f"{WEB}evaluation/test_figures_not_yet.py::test_no_figure",
    ),
    "E19": (
        f"{WEB}drawing/test_plan_pages.py::test_anybody_with_a_role_is_told_verified",
        f"{WEB}drawing/test_plan_pages.py::test_whatever_is_brought_as_a_certificate",
        "tests/sampling/test_verification.py::test_whatever_is_changed_in_a_certificate_is_found",
        "tests/sampling/test_command_line.py::test_what_cannot_be_read_ends_verification_with_two",
    ),
    "E20": (
        "tests/casereader/drawing/test_drawn_at_once.py::test_of_two_people_who_draw_at_once",
        f"{STEPS}::test_a_sample_is_drawn_once",
        f"{COORDINATOR}::test_list_and_plan_are_fixed_confirmed",
    ),
    "E21": (f"{STEPS}::test_no_sample_is_drawn_before_a_second", f"{STEPS}::test_no_sample_is_drawn_before_the_public"),
    "E22": (f"{REQUESTS}::test_e22_e23_", f"{HOUSE}::test_health_says_when_the_schema_is_old"),
    "E23": (f"{REQUESTS}::test_e22_e23_",),
    "E24": (f"{BACKUPS}restoring.py::test_e24_",),
    "E25": (f"{SCHEMA}::test_e25_",),
    "E26": (f"{SCHEMA}::test_e26_",),
    "E27": (f"{BACKUPS}backups.py::test_e27_",),
    "E28": (
        f"{HOUSE}::test_e28_",
        f"{HOUSE}::test_a_setting_that_cannot_serve_stops_the_start",
        f"{START}::test_after_a_journey",
        f"{START}::test_a_key_that_is_missing",
    ),
    "E29": (f"{WEB}test_incoming.py::test_e29_", "tests/test_serving.py::test_serving_says_where_it_listens"),
    "E30": (f"{WEB}test_full.py::test_e30_",),
}
ITEMS = [
    f"{part}{number:02}" for part, last in (("B", 39), ("C", 24), ("D", 26), ("E", 30)) for number in range(1, last + 1)
]


def test_every_item_is_held_by_tests() -> None:
    assert sorted(HELD) == ITEMS
    assert all(HELD.values())


@pytest.mark.parametrize("item", HELD)
def test_the_tests_that_hold_an_item_are_there(item: str) -> None:
    for named in HELD[item]:
        file, _, name = named.partition("::")
        assert [test for test in _tests(file) if test.startswith(name)], named


@cache
def _tests(file: str) -> tuple[str, ...]:
    return tuple(node.name for node in parsed(ROOT / file).body if isinstance(node, ast.FunctionDef))
