//! A guard at the page in a real browser: signs in, sees cards, presses their buttons, fills in what is asked.

use super::webdriver::Browser;
use serde_json::{Value, json};

pub struct Guard {
    pub browser: Browser,
}

impl Guard {
    /// Opens the page and signs in; returns when the board is there.
    pub fn signed_in(address: &str, id: &str, pin: &str, post: &str) -> Guard {
        let guard = Guard::at(address);
        guard.type_login(id, pin, post);
        guard.wait("the board", "return window.guards?.store.connected === true");
        guard
    }

    /// Opens the page and sees the sign-in.
    pub fn at(address: &str) -> Guard {
        let browser = Browser::open();
        browser.go(address);
        browser.wait_for("the sign-in", "return document.getElementById('who') !== null");
        Guard { browser }
    }

    pub fn type_login(&self, id: &str, pin: &str, post: &str) {
        self.browser.run(&format!(
            "document.getElementById('who').value = '{id}';
             document.getElementById('secret').value = '{pin}';
             document.getElementById('post').value = '{post}';
             document.querySelector('form.login').requestSubmit();"
        ));
    }

    pub fn wait(&self, what: &str, script: &str) {
        self.browser.wait_for(what, script);
    }

    /// Waits for a card of this errand and returns what it says.
    pub fn card(&self, errand: &str) -> String {
        let find = format!("document.querySelector('.card[data-errand=\"{errand}\"]')");
        self.wait(&format!("a card for {errand}"), &format!("return {find} !== null"));
        self.browser.run(&format!("return {find}.innerText")).as_str().unwrap().to_owned()
    }

    pub fn no_card(&self, errand: &str) {
        self.wait(
            &format!("no card for {errand}"),
            &format!("return document.querySelector('.card[data-errand=\"{errand}\"]') === null"),
        );
    }

    /// Presses a button of a card, by what it does: `claim`, `arrived`, `done`.
    pub fn press(&self, errand: &str, act: &str) {
        let find =
            format!("document.querySelector('.card[data-errand=\"{errand}\"] [data-act=\"{act}\"]:not(:disabled)')");
        self.wait(&format!("{act} on {errand}"), &format!("return {find} !== null"));
        self.browser.run(&format!("{find}.click()"));
    }

    /// Answers the dialog: each field by its name, tiles by their value; then sends it and waits until it is gone.
    pub fn answer(&self, values: &[(&str, Value)]) {
        self.wait("the dialog", "return document.querySelector('dialog[open]') !== null");
        for (name, value) in values {
            let fill = format!(
                "const field = document.querySelector('dialog[open] [data-name=\"{name}\"]');
                 const value = {value};
                 const tile = [...field.querySelectorAll('[role=radio]')].find((tile) => tile.dataset.value === (typeof value === 'object' ? JSON.stringify(value) : String(value)));
                 const input = field.querySelector('input, textarea');
                 if (tile) tile.click();
                 else if (input.type === 'checkbox') {{ if (input.checked !== value) input.click(); }}
                 else {{ input.value = value; input.dispatchEvent(new Event('input', {{ bubbles: true }})); }}
                 return true;"
            );
            assert_eq!(self.browser.run(&fill), json!(true), "{name}");
        }
        self.browser.run("document.querySelector('dialog[open] form').requestSubmit()");
        let gone = "const dialog = document.querySelector('dialog[open]');
                    if (dialog && dialog.querySelector('.refusal').textContent) throw new Error(dialog.querySelector('.refusal').textContent);
                    return dialog === null;";
        self.wait("the dialog is gone", gone);
    }

    /// Opens the record of this number.
    pub fn open(&self, number: &str) {
        let find = format!("document.querySelector('[data-act=\"open\"][data-number=\"{number}\"]')");
        self.browser.run("location.hash = '#/tickets'");
        self.wait(&format!("{number} in the list"), &format!("return {find} !== null"));
        self.browser.run(&format!("{find}.click()"));
        self.wait("the record", "return document.querySelector('#record .timeline') !== null");
    }

    /// Takes a step in the opened record, and waits until the record is in this state.
    pub fn step(&self, step: &str, values: &[(&str, Value)], state: &str) {
        let find = format!("document.querySelector('#record [data-step=\"{step}\"]')");
        self.wait(&format!("the step {step}"), &format!("return {find} !== null"));
        self.browser.run(&format!("{find}.click()"));
        if !values.is_empty() {
            self.answer(values);
        }
        self.state(state);
    }

    /// Waits until the opened record says this state.
    pub fn state(&self, state: &str) {
        let said = "document.querySelector('#record .state')?.textContent";
        self.wait(&format!("the state {state}"), &format!("return {said} === '{state}'"));
    }

    /// All that stands on the page.
    pub fn words(&self) -> String {
        self.browser.run("return document.body.innerText").as_str().unwrap().to_owned()
    }
}
