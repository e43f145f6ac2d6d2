const title = {{ procedure.title | tojson }};
fetch("/orion/api/1/rdv/bookings/availableSlotByDay", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({{ question | tojson }}),
})
  .then((answer) => answer.json())
  .then(({ daySlots }) => {
    const days = daySlots.map(({ date, slots }) => `<li>${date} : ${slots.length}</li>`).join("");
    const shown = days ? `<ul>${days}</ul>` : `<p class="user-msg">Aucune disponibilité.</p>`;
    document.querySelector("app-root").innerHTML = `<h1>${title}</h1>${shown}`;
  });
