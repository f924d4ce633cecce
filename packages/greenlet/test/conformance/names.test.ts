/** What a greenlet says that it is. */
import { inspect } from "node:util";
import { Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { describe, expect, test } from "@jest/globals";
import { end, toParent } from "../support/greenlets.js";

function dead(): Greenlet {
  const g = greenlet(() => 1);
  g.switch();
  return g;
}

describe("the text of a greenlet", () => {
  // 55 TestRepr.test_main_while_running
  test("says that the main one is current", () => {
    expect(inspect(getCurrent())).toBe("<Greenlet current active started main>");
  });

  // 56 TestRepr.test_main_in_background
  test("says that the main one is suspended while another one runs", () => {
    const main = getCurrent();
    expect(greenlet(() => inspect(main)).switch()).toBe("<Greenlet suspended active started main>");
  });

  // 57 TestRepr.test_initial
  test("says that one has not started", () => {
    expect(inspect(greenlet())).toBe("<Greenlet pending>");
  });

  test("says whether another one runs or is suspended", () => {
    const g: Greenlet = greenlet(() => toParent(inspect(g)));
    expect(g.switch()).toBe("<Greenlet current active started>");
    expect(inspect(g)).toBe("<Greenlet suspended active started>");
    end(g);
  });

  // 59 TestRepr.test_dead
  test("says that one is dead, and nothing else", () => {
    expect(inspect(dead())).toBe("<Greenlet dead>");
  });

  // 60 TestRepr.test_formatting_produces_native_str
  test("can be had in each state, and in each way", () => {
    for (const one of [dead(), greenlet(), getCurrent()]) {
      const text = String(one);
      expect([`${one}`, one.toString(), inspect(one)]).toEqual([text, text, text]);
    }
    expect(Object.prototype.toString.call(greenlet())).toBe("[object Greenlet]");
  });

  test("names the subclass", () => {
    class Worker extends Greenlet {}
    expect(String(new Worker())).toBe("<Worker pending>");
  });
});
