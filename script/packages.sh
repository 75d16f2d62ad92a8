# shellcheck shell=bash
# Debian packages on demand, for scripts that are sourced by bash with `set -euo pipefail`.

# can_install: is this Debian or Ubuntu, and are we root?
can_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

# missing_packages NAME…: prints those that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    case "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null || true)" in
      installed) ;;
      *) printf '%s\n' "$name" ;;
    esac
  done
}

# install_packages NAME…: installs what is missing; quiet, and on failure shows the end of apt's log.
install_packages() {
  can_install || return 1
  local missing log
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  log=$(mktemp)
  echo "installing ${missing[*]} (Debian packages)" >&2
  if ! apt_get_locked "$log" "${missing[@]}"; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# Two scripts may want packages at the same time; apt waits for dpkg's lock but not for that of its lists.
apt_get_locked() {
  local log=$1
  shift
  (
    flock --timeout 600 9
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet --quiet || exit 1
    apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
  ) >"$log" 2>&1 </dev/null 9</var/lib/dpkg
}
