/* Suggestions under the search boxes (the combobox pattern of WAI-ARIA), and the word that a result was opened.
   The boxes are plain forms without it. Every answer is text, never markup. */
(function () {
  "use strict";

  var WAIT = 150; // milliseconds after the last key
  var boxes = 0;

  function element(name, attributes) {
    var made = document.createElement(name);
    Object.keys(attributes).forEach(function (key) {
      made.setAttribute(key, attributes[key]);
    });
    return made;
  }

  function Box(input) {
    var box = this;
    boxes += 1;
    box.id = "suggestions-" + boxes;
    box.input = input;
    box.form = input.form;
    box.typed = input.value;
    box.options = [];
    box.active = -1;
    box.timer = 0;
    box.request = null;
    box.list = element("ul", { id: box.id, role: "listbox", "aria-label": "搜索建议", class: "suggestions", hidden: "" });
    box.status = element("p", { role: "status", class: "visually-hidden" });
    box.form.appendChild(box.list);
    box.form.appendChild(box.status);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", box.id);
    input.addEventListener("input", function (event) {
      box.typed = input.value;
      box.mark(-1);
      if (!event.isComposing) {
        box.later();
      }
    });
    input.addEventListener("compositionend", function () {
      box.typed = input.value;
      box.later();
    });
    input.addEventListener("keydown", function (event) {
      if (!event.isComposing && event.keyCode !== 229 && !event.ctrlKey && !event.metaKey) {
        box.key(event);
      }
    });
    input.addEventListener("blur", function () {
      box.close();
    });
    box.list.addEventListener("mousedown", function (event) {
      event.preventDefault(); // the box keeps the focus
    });
    box.list.addEventListener("click", function (event) {
      var option = event.target.closest("[role=option]");
      if (option) {
        box.choose(box.options.indexOf(option));
      }
    });
  }

  Box.prototype.later = function () {
    var box = this;
    window.clearTimeout(box.timer);
    box.stop();
    if (!box.typed.trim()) {
      box.close();
      return;
    }
    box.timer = window.setTimeout(function () {
      box.ask();
    }, WAIT);
  };

  Box.prototype.stop = function () {
    if (this.request) {
      this.request.abort();
      this.request = null;
    }
  };

  Box.prototype.ask = function () {
    var box = this;
    var request = new AbortController();
    var scope = box.form.elements.namedItem("scope");
    var query = new URLSearchParams({ q: box.typed });
    if (scope && scope.value) {
      query.set("scope", scope.value);
    }
    box.request = request;
    fetch(box.form.action.split("?")[0] + "suggest/?" + query, { signal: request.signal, credentials: "omit" })
      .then(function (response) {
        return response.ok ? response.json() : { suggestions: [] };
      })
      .then(function (answer) {
        if (box.request === request) {
          box.request = null;
          box.show(answer.suggestions);
        }
      })
      .catch(function () {
        if (box.request === request) {
          box.request = null;
          box.close(); // away, or slow: the form works without
        }
      });
  };

  Box.prototype.show = function (suggestions) {
    var box = this;
    box.list.textContent = "";
    box.options = suggestions.map(function (suggestion, place) {
      var option = element("li", { id: box.id + "-" + place, role: "option", "aria-selected": "false" });
      option.textContent = suggestion.text;
      box.list.appendChild(option);
      return option;
    });
    box.active = -1;
    box.input.removeAttribute("aria-activedescendant");
    if (!suggestions.length || document.activeElement !== box.input) {
      box.close();
      box.status.textContent = document.activeElement === box.input ? "没有搜索建议" : "";
      return;
    }
    box.open();
    box.status.textContent = "有 " + suggestions.length + " 条搜索建议，按上下键选择";
  };

  Box.prototype.open = function () {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  };

  Box.prototype.close = function () {
    window.clearTimeout(this.timer);
    this.stop();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
    this.status.textContent = "";
  };

  Box.prototype.isOpen = function () {
    return !this.list.hidden;
  };

  Box.prototype.mark = function (place) {
    var box = this;
    box.active = place;
    box.options.forEach(function (option, index) {
      option.setAttribute("aria-selected", String(index === place));
    });
    if (place < 0) {
      box.input.removeAttribute("aria-activedescendant");
      return;
    }
    box.input.setAttribute("aria-activedescendant", box.options[place].id);
    box.options[place].scrollIntoView({ block: "nearest" });
  };

  Box.prototype.move = function (step) {
    var count = this.options.length;
    var next = this.active + step;
    if (next >= count) {
      next = -1; // back to what was typed
    } else if (next < -1) {
      next = count - 1;
    }
    this.mark(next);
    this.input.value = next < 0 ? this.typed : this.options[next].textContent;
  };

  Box.prototype.choose = function (place) {
    this.input.value = this.options[place].textContent;
    this.typed = this.input.value;
    this.close();
    this.form.requestSubmit();
  };

  Box.prototype.key = function (event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.isOpen()) {
        event.preventDefault();
        this.move(event.key === "ArrowDown" ? 1 : -1);
      } else if (this.options.length && this.input.value.trim()) {
        event.preventDefault();
        this.open();
        if (!event.altKey) {
          this.move(event.key === "ArrowDown" ? 1 : -1);
        }
      }
    } else if (event.key === "Enter") {
      if (this.isOpen() && this.active >= 0) {
        event.preventDefault();
        this.choose(this.active);
      } else {
        this.close();
      }
    } else if (event.key === "Escape" && this.isOpen()) {
      event.preventDefault(); // one press closes the list and gives back what was typed; the next one may clear the box
      event.stopPropagation();
      this.input.value = this.typed;
      this.close();
    } else if (event.key === "Home" || event.key === "End" || event.key === "ArrowLeft" || event.key === "ArrowRight") {
      this.typed = this.input.value; // the caret moves in the text, which is now what was typed
      this.mark(-1);
    }
  };

  function report(link) {
    var list = link.closest("[data-search]");
    if (!list || !navigator.sendBeacon) {
      return;
    }
    var links = Array.prototype.slice.call(list.querySelectorAll("[data-result]"));
    var first = Number(list.getAttribute("data-first") || 1);
    navigator.sendBeacon(
      "/search/click/",
      new URLSearchParams({
        search: list.getAttribute("data-search"),
        rank: String(first + links.indexOf(link)),
        document: link.getAttribute("data-result"),
      }),
    );
  }

  function opened(event) {
    var link = event.target.closest && event.target.closest("a[data-result], a[data-part-of-result]");
    if (link && !link.hasAttribute("data-result")) {
      link = link.closest(".hit").querySelector("a[data-result]"); // an article of a text: the text was opened
    }
    if (link && (event.type === "click" || event.button === 1)) {
      report(link);
    }
  }

  Array.prototype.slice.call(document.querySelectorAll("input[data-suggest]")).forEach(function (input) {
    if (window.fetch && window.AbortController && input.form) {
      new Box(input);
    }
  });
  document.addEventListener("click", opened);
  document.addEventListener("auxclick", opened);
})();
