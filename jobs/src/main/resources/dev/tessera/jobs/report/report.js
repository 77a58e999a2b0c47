
// The page is complete without this: it adds filters to long tables and points out a chunk in the pictures.
document.querySelectorAll("input.filter").forEach(function (box) {
  var rows = box.nextElementSibling.querySelectorAll("tbody tr");
  box.hidden = false;
  box.addEventListener("input", function () {
    var wanted = box.value.toLowerCase();
    rows.forEach(function (row) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  });
});

function pointOut(chunk) {
  document.querySelectorAll("svg [data-chunk]").forEach(function (shape) {
    shape.classList.toggle("dim", chunk !== null ? shape.dataset.chunk !== chunk : false);
  });
}

document.querySelectorAll("li[data-chunk], tr[data-chunk], .legend [data-chunk]").forEach(function (row) {
  row.addEventListener("mouseenter", function () { pointOut(row.dataset.chunk); });
  row.addEventListener("mouseleave", function () { pointOut(null); });
});
