// A picture that is not wide is shown whole in its 16:9 frame: `tall`, and what its frame's blur is made of.
function frameWhole(image, frame) {
  const isTall = image.naturalWidth < image.naturalHeight * 1.45;
  frame.classList.toggle("tall", isTall);
  frame.style.setProperty("--image", isTall ? `url("${image.src}")` : "none");
}
