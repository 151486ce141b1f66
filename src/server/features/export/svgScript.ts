/**
 * What makes the exported picture answer: a click zooms, «/» or Ctrl+F searches, Escape goes back. It reads names as
 * text and writes them as text only, never as markup, and asks nothing of the outside. Positions come from the boxes
 * themselves. Plain old JavaScript, since it runs wherever somebody opens the file.
 */
export const svgScript = `
(function () {
  'use strict';
  var script = document.currentScript;
  var svg = (script && script.ownerSVGElement) || document.documentElement;
  var find = function (selector) { return svg.querySelector(selector); };
  var left = Number(svg.getAttribute('data-left')), width = Number(svg.getAttribute('data-width'));
  var charWidth = Number(svg.getAttribute('data-char'));
  var input = find('input'), back = find('.back'), found = find('.found');
  var boxes = Array.prototype.map.call(svg.querySelectorAll('.box'), function (group) {
    var rect = group.querySelector('rect');
    return {
      group: group, rect: rect, label: group.querySelector('text'),
      name: group.querySelector('title').textContent.split('\\n')[0],
      x: Number(rect.getAttribute('x')), width: Number(rect.getAttribute('width')), y: Number(rect.getAttribute('y'))
    };
  });
  find('.controls').removeAttribute('display');

  function cells(character) { return character.codePointAt(0) >= 0x1100 ? 2 : 1; }
  function fitted(text, widthPx) {
    var room = Math.floor((widthPx - 6) / charWidth), used = 0, result = '';
    var characters = Array.from(text);
    var all = characters.reduce(function (sum, character) { return sum + cells(character); }, 0);
    if (all <= room) return text;
    if (room < 3) return '';
    for (var i = 0; i < characters.length && used + cells(characters[i]) <= room - 1; i++) {
      result += characters[i];
      used += cells(characters[i]);
    }
    return result + '\\u2026';
  }
  function place(box, x, boxWidth) {
    box.rect.setAttribute('x', x.toFixed(2));
    box.rect.setAttribute('width', Math.max(0.1, boxWidth).toFixed(2));
    var text = fitted(box.name, boxWidth);
    if (!box.label && text) {
      box.label = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      box.label.setAttribute('y', String(box.y + 12.5));
      box.label.setAttribute('class', box.rect.getAttribute('class').replace('f', 't'));
      box.group.appendChild(box.label);
    }
    if (!box.label) return;
    box.label.setAttribute('x', (x + 3).toFixed(2));
    box.label.textContent = text;
  }
  function zoom(target) {
    var from = target ? target.x : left, span = target ? target.width : width, edge = 0.01;
    boxes.forEach(function (box) {
      var isAbove = target && box.y < target.y && box.x <= from + edge && box.x + box.width >= from + span - edge;
      var isInside = box.x >= from - edge && box.x + box.width <= from + span + edge && (!target || box.y >= target.y);
      box.group.style.display = isAbove || isInside ? '' : 'none';
      box.group.classList.toggle('above', Boolean(isAbove));
      if (isAbove) place(box, left, width);
      else if (isInside) place(box, left + ((box.x - from) * width) / span, (box.width * width) / span);
    });
    back.setAttribute('visibility', target ? 'visible' : 'hidden');
  }
  function search(text) {
    var wanted = text.trim().toLowerCase(), spans = [];
    boxes.forEach(function (box) {
      var isFound = wanted !== '' && box.name.toLowerCase().indexOf(wanted) >= 0;
      box.group.classList.toggle('hit', isFound);
      if (isFound) spans.push([box.x, box.x + box.width]);
    });
    svg.classList.toggle('searching', wanted !== '');
    var covered = 0, until = 0;
    spans.sort(function (a, b) { return a[0] - b[0]; }).forEach(function (span) {
      covered += Math.max(0, span[1] - Math.max(span[0], until));
      until = Math.max(until, span[1]);
    });
    found.textContent = wanted === '' ? '' : ((100 * covered) / width).toFixed(1) + '%';
  }
  boxes.forEach(function (box) {
    box.group.addEventListener('click', function () { zoom(box); });
  });
  back.addEventListener('click', function () { zoom(null); });
  back.addEventListener('keydown', function (event) { if (event.key === 'Enter') zoom(null); });
  input.addEventListener('input', function () { search(input.value); });
  document.addEventListener('keydown', function (event) {
    var isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
    if (isFind || (event.key === '/' && event.target !== input)) {
      event.preventDefault();
      input.focus();
    } else if (event.key === 'Escape') {
      input.value = '';
      search('');
      zoom(null);
    }
  });
})();
`;
