//! The law folder itself.

use law::Law;

#[test]
fn is_sound_and_every_worked_example_comes_out() {
    let report = Law::embedded().check();
    assert_eq!(report.problems, []);
    assert!(report.examples > 100, "{} examples", report.examples);
    assert!(!report.to_verify.is_empty());
}
