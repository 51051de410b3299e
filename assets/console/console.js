document.getElementById("page").textContent = "值班台";
