/* Comforts on top of pages that are complete without them. Runs in the head: a remembered choice is in force before anything is drawn. */
(function () {
  "use strict";

  var root = document.documentElement;
  var choices = { size: "large", contrast: "more", spacing: "wide", cursor: "big" };
  var wide = window.matchMedia("(min-width: 960px)");

  function recall(name) {
    try {
      return window.localStorage.getItem("site-" + name);
    } catch (refused) {
      return null; // storage is switched off: the choice lasts for this page
    }
  }

  function remember(name, value) {
    try {
      if (value) {
        window.localStorage.setItem("site-" + name, value);
      } else {
        window.localStorage.removeItem("site-" + name);
      }
    } catch (refused) {
      return;
    }
  }

  function all(selector) {
    return Array.prototype.slice.call(document.querySelectorAll(selector));
  }

  function showChoice(name) {
    all('[data-toggle="' + name + '"]').forEach(function (button) {
      button.setAttribute("aria-pressed", String(root.getAttribute("data-" + name) === choices[name]));
    });
  }

  function choose(name, on) {
    if (on) {
      root.setAttribute("data-" + name, choices[name]);
    } else {
      root.removeAttribute("data-" + name);
    }
    remember(name, on ? choices[name] : null);
    showChoice(name);
  }

  function toggleMenu(button) {
    var open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    root.classList.toggle("menu-open", open);
  }

  /* A paragraph an utterance: browsers cut long ones off. */
  function speak(button) {
    var voice = window.speechSynthesis;
    var on = button.getAttribute("aria-pressed") !== "true";
    voice.cancel();
    button.setAttribute("aria-pressed", String(on));
    if (!on) {
      return;
    }
    var parts = all("main h1, main h2, main h3, main p, main li, main th, main td, main dt, main dd").filter(function (part) {
      return part.textContent.trim() && part.offsetParent !== null && !part.querySelector("p, li, td");
    });
    parts.forEach(function (part, place) {
      var words = new window.SpeechSynthesisUtterance(part.textContent.replace(/\s+/g, " ").trim());
      words.lang = "zh-CN"; // voices are named by country, not by script as the page is
      if (place === parts.length - 1) {
        words.onend = function () {
          button.setAttribute("aria-pressed", "false");
        };
      }
      voice.speak(words);
    });
  }

  function closeOpenLists(except) {
    all("details[data-closes][open]").forEach(function (list) {
      if (!list.contains(except)) {
        list.open = false;
      }
    });
  }

  root.classList.add("js");
  Object.keys(choices).forEach(function (name) {
    if (recall(name) === choices[name]) {
      root.setAttribute("data-" + name, choices[name]);
    }
  });

  document.addEventListener("click", function (event) {
    var toggle = event.target.closest("[data-toggle]");
    var menu = event.target.closest(".menu-toggle");
    var speaker = event.target.closest("[data-speak]");
    if (speaker) {
      speak(speaker);
    } else if (toggle) {
      choose(toggle.getAttribute("data-toggle"), toggle.getAttribute("aria-pressed") !== "true");
    } else if (menu) {
      toggleMenu(menu);
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
    closeOpenLists(event.target);
  });

  document.addEventListener("keydown", function (event) {
    var open = event.key === "Escape" && document.querySelector("details[data-closes][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  window.addEventListener("pagehide", function () {
    if ("speechSynthesis" in window) {
      window.speechSynthesis.cancel(); // else the next page is spoken over
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    Object.keys(choices).forEach(showChoice);
    all("[data-speak]").forEach(function (button) {
      button.hidden = !("speechSynthesis" in window);
    });
    if (wide.matches) {
      all("details[data-opens-wide]").forEach(function (list) {
        list.open = true;
      });
    }
  });
})();
