// Lets the browser remember one value for a year, for this site alone.
export default function ({ data }) {
  document.cookie = `${data.name}=${encodeURIComponent(data.value)}; path=/; max-age=31536000; samesite=lax`;
}
