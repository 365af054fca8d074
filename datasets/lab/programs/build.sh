# Sourced: `built ping.go` prints a program made of that source, once for all scenarios.
built() {
    to="${TMPDIR:-/tmp}/nalpml-lab-built"
    mkdir -p "$to"
    (
        flock 9
        case $1 in
        *.go)
            export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$to/go"
            [ "$to/${1%.go}" -nt "$P/wild/$1" ] || go build -o "$to/${1%.go}" "$P/wild/$1" ;;
        *.java)
            [ "$to/${1%.java}.class" -nt "$P/wild/$1" ] || javac -d "$to" "$P/wild/$1" ;;
        *.c)
            [ "$to/${1%.c}" -nt "$P/wild/$1" ] || gcc -O1 -o "$to/${1%.c}" "$P/wild/$1" ;;
        esac
    ) 9> "$to/lock" >&2
    case $1 in *.java) echo "$to" ;; *) echo "$to/${1%.*}" ;; esac
}
