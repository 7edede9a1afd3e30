"""What a page is sent cannot reach the prototypes of its objects: tables by key have none."""

from tests.browser.harness import Browsing, page_of_nothing

PUT_IN = """async () => {
  const {answersOf} = await import("/static/js/answers.js");
  const {Standing} = await import("/static/js/standing.js");
  const {Meeting} = await import("/static/js/meeting.js");
  const sent = JSON.parse('{"__proto__": {"value": "5"}, "constructor": {"prototype": {"value": "5"}}, "C9": {}}');
  const tables = [answersOf(document.body), new Standing(document.body).told, new Meeting({}).sent];
  return tables.map((table) => {
    Object.assign(table, sent);
    const reached = {}.value !== undefined || [].value !== undefined;
    return [Object.getPrototypeOf(table), Object.keys(table).sort().join(), reached];
  });
}"""


def test_names_that_are_sent_stay_names_in_a_table(browsing: Browsing) -> None:
    page = page_of_nothing(browsing, "<input name=C9>")

    assert page.evaluate(PUT_IN) == [[None, "C9,__proto__,constructor", False]] * 3
