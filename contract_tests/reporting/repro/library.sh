# ---------------------------------------------------------------------------------------------------------------------
# How requests are sent and answers are read: the same in every script.

umask 077
LC_ALL=C
export LC_ALL
TOKEN=''
BEGAN=$(date +%s)
FOLDER=$(mktemp -d) || exit 2
: >"$FOLDER/names"
: >"$FOLDER/made"

give_up() {
    printf 'could not be played: %s\n' "$*" >&2
    exit 2
}

as_expected() {
    printf 'not seen again: %s\n' "$*"
    [ ! -f "$FOLDER/difference" ] || cat "$FOLDER/difference"
    exit 0
}

# Removes what was made, the newest first, and logs out; also after Ctrl-C.
clean_up() {
    trap '' HUP INT TERM
    while read -r method address; do
        ask cleaning "$method" "$address" -H "vmware-api-session-id: $TOKEN"
        case "$method $(status_of cleaning)" in
        "DELETE 2"?? | "DELETE 404" | POST*) ;;
        *) printf 'left behind: %s (%s)\n' "$address" "$(status_of cleaning)" >&2 ;;
        esac
    done <"$FOLDER/made"
    [ -z "$TOKEN" ] || ask cleaning DELETE "$LOGIN" -H "vmware-api-session-id: $TOKEN"
    rm -rf "$FOLDER"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# user_file NAME USER PASSWORD: who logs in, as curl reads it from a file, so that no list of processes shows it.
user_file() {
    printf '%s:%s' "$2" "$3" | sed -e 's/[\\"]/\\&/g' -e 's/^/user = "/' -e 's/$/"/' >"$FOLDER/$1"
}

# ask NUMBER METHOD ADDRESS [ARGUMENT OF CURL...]: send a request as a client of JSON does.
ask() {
    ask_bare "$@" -H 'accept: application/json'
}

# ask_bare: the same, with no header that is not given (Host and Content-Length are curl's).
ask_bare() {
    step=$1 method=$2 address=$3
    shift 3
    case $address in http://* | https://*) ;; *) address=$TARGET$address ;; esac
    [ -z "${CONTRACT_INSECURE:-}" ] || set -- --insecure "$@"
    [ -z "${CONTRACT_CA_BUNDLE:-}" ] || set -- --cacert "$CONTRACT_CA_BUNDLE" "$@"
    [ "$method" != HEAD ] || set -- --head "$@"
    date +%s >"$FOLDER/$step.began"
    : >"$FOLDER/$step.body"
    : >"$FOLDER/$step.head"
    curl -q -sS --http1.1 --globoff --path-as-is --max-time 60 --noproxy '*' -H 'accept:' -H 'expect:' \
        -A cl-contract-repro -X "$method" -D "$FOLDER/$step.head" -o "$FOLDER/$step.body" -w '%{http_code}' \
        "$@" "$address" >"$FOLDER/$step.status" 2>"$FOLDER/$step.error" </dev/null || :
}

# status_of NUMBER: three digits; 000 where there was no answer.
status_of() {
    cat "$FOLDER/$1.status"
}

# answer_of NUMBER: an answer in a few words, for a reader.
answer_of() {
    printf '%s %s' "$(status_of "$1")" "$(head -c 600 "$FOLDER/$1.body" | tr -c '[:print:]' ' ')"
    tr '\n' ' ' <"$FOLDER/$1.error"
}

# log_in NAME USER PASSWORD: gives the token.
log_in() {
    user_file "$1" "$2" "$3"
    ask "$1-login" POST "$LOGIN" -H 'content-length: 0' -K "$FOLDER/$1"
    case $(status_of "$1-login") in 200 | 201) ;; *) return 1 ;; esac
    given "$1-login" "$LOGIN_MEMBER"
}

# given NUMBER MEMBER [WHICH]: the text of a member of the answer to a request; without a member, a bare text. Of what
# is bare in one dialect and in a member called value in the other, either is taken.
given() {
    awk -v member="$2" -v which="${3:-1}" '
        { text = text $0 }
        END {
            if (member == "" && text ~ /^[ \t]*\{/) member = "value"
            if (member == "value" && text ~ /^[ \t]*"/) member = ""
            if (member == "") {
                split(text, pieces, "\"")
                print pieces[2 * which]
            } else {
                count = split(text, pieces, "\"" member "\"[ \t]*:[ \t]*\"")
                found = which < count ? pieces[which + 1] : ""
                sub(/".*/, "", found)
                print found
            }
        }' "$FOLDER/$1.body"
}

# named NAME VALUE NUMBER STATUS: take note of what the answer gave, or end where it gave nothing.
named() {
    if [ -n "$2" ]; then
        printf '%s\t%s\n' "$1" "$2" >>"$FOLDER/names"
    elif [ "$4" = must ]; then
        give_up "request $3 was to give the $1, and was answered: $(answer_of "$3")"
    else
        as_expected "request $3 was answered $4 in the run, and now: $(answer_of "$3")"
    fi
}

# made METHOD ADDRESS: what is to be done at the end.
made() {
    printf '%s %s\n' "$1" "$2" | cat - "$FOLDER/made" >"$FOLDER/made.new"
    mv "$FOLDER/made.new" "$FOLDER/made"
}

# repeated TEXT COUNT
repeated() {
    awk -v text="$1" -v count="$2" 'BEGIN { while (count-- > 0) printf "%s", text }'
}

# changed ID PLACE: the id with another digit there.
changed() {
    awk -v id="$1" -v at="$2" 'BEGIN {
        print substr(id, 1, at - 1) (substr(id, at, 1) == "0" ? "1" : "0") substr(id, at + 1)
    }'
}

# wait_for SECONDS: by the clock of the mock server where the run had that and the door to it is open, or else truly.
wait_for() {
    if [ "$CLOCK" = virtual ]; then
        ask clock POST /_control/clock/advance -H "x-mock-control: ${CONTRACT_MOCK_CONTROL:-1}" \
            -H 'content-type: application/json' --data-raw "{\"seconds\": $1}"
        [ "$(status_of clock)" != 200 ] || return 0
    fi
    printf 'waiting for %s s\n' "$1" >&2
    BEGAN=$(awk -v began="$BEGAN" -v seconds="$1" 'BEGIN { printf "%d", began + seconds }')
    sleep "$1" 2>/dev/null || sleep "$(awk -v seconds="$1" 'BEGIN { print int(seconds) + 1 }')"
}

# facts NUMBER: the second at which it was answered, a tab, the status and the headers that matter.
facts() {
    awk -v began="$(cat "$FOLDER/$1.began")" -v status="$(status_of "$1")" '
        function days(year, month, day) {
            if (month < 3) { year--; month += 12 }
            return 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * month - 457) / 5) + day
        }
        BEGIN {
            wanted["content-type"]; wanted["location"]; wanted["allow"]; wanted["www-authenticate"]
            wanted["content-length"]
        }
        { sub(/\r$/, "") }
        /^HTTP\// { for (name in told) delete told[name]; next }
        {
            at = index($0, ":")
            name = tolower(substr($0, 1, at - 1))
            value = substr($0, at + 1)
            gsub(/^[ \t]+|[ \t]+$/, "", value)
            if (name in wanted) told[name] = told[name] " [" name ": " value "]"
            if (name == "date" && split(value, part, /[ :]+/) >= 7) {
                month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", part[3]) + 2) / 3
                began = (days(part[4], month, part[2]) - 719591) * 86400 + part[5] * 3600 + part[6] * 60 + part[7]
            }
        }
        END {
            printf "%d\t%s", began, status
            printf "%s%s%s%s", told["content-type"], told["location"], told["allow"], told["www-authenticate"]
            if (empty != "" && told["content-length"] !~ /: 0]$/) printf "%s", told["content-length"]
        }' empty="$([ -s "$FOLDER/$1.body" ] || echo yes)" "$FOLDER/$1.head"
}

# content NUMBER: the body in signs that can be read, or of what is no text the checksum and the length.
content() {
    case $(facts "$1") in
    *octet-stream*) printf '%s' "$(cksum <"$FOLDER/$1.body")" ;;
    *) tr -c '[:print:]' '?' <"$FOLDER/$1.body" ;;
    esac
}

# plain: ids that the script knows by their names, others and addresses as what they are; what differs each time.
plain() {
    awk -F '\t' '
        FILENAME != "-" { name[++count] = $1; value[count] = $2; next }
        FNR == 1 {
            for (one = 1; one <= count; one++)
                for (other = one + 1; other <= count; other++)
                    if (length(value[other]) > length(value[one])) {
                        text = value[one]; value[one] = value[other]; value[other] = text
                        text = name[one]; name[one] = name[other]; name[other] = text
                    }
        }
        {
            line = $0
            for (one = 1; one <= count; one++) {
                told = ""
                while (at = index(line, value[one])) {
                    told = told substr(line, 1, at - 1) "<" name[one] ">"
                    line = substr(line, at + length(value[one]))
                }
                line = told line
            }
            print line
        }' "$FOLDER/names" - | sed \
        -e 's|https\{0,1\}://[^" ]*|<address>|g' \
        -e 's/[0-9A-Fa-f]\{8\}-[0-9A-Fa-f]\{4\}-[0-9A-Fa-f]\{4\}-[0-9A-Fa-f]\{4\}-[0-9A-Fa-f]\{12\}/<id>/g' \
        -e 's/[0-9a-f]\{24,\}/<id>/g' \
        -e ':next' -e 's/\([[,]\)"<id>\(:<id>\)\{0,1\}",/\1/' -e 't next' \
        -e 's/,\{0,1\}"<id>\(:<id>\)\{0,1\}"\]/]/g'
}

# timed: each time as two numbers of seconds: since the answer was given, and since the time that was told before it;
# or only that it is one, where the flaw is not about times.
timed() {
    awk -F '\t' -v wanted="$TIMES" '
        function days(year, month, day) {
            if (month < 3) { year--; month += 12 }
            return 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * month - 457) / 5) + day
        }
        function seconds(text,    zone, rest) {
            rest = substr(text, 20)
            zone = 0
            if (match(rest, /[+-][0-9][0-9]:[0-9][0-9]$/)) {
                zone = (substr(rest, RSTART + 1, 2) * 60 + substr(rest, RSTART + 4, 2)) * 60
                if (substr(rest, RSTART, 1) == "-") zone = -zone
                rest = substr(rest, 1, RSTART - 1)
            }
            sub(/[Zz]$/, "", rest)
            return (days(substr(text, 1, 4) + 0, substr(text, 6, 2) + 0, substr(text, 9, 2)) - 719591) * 86400 \
                + substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60 + substr(text, 18, 2) + ("0" rest) - zone
        }
        BEGIN {
            clock = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][Tt][0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
            clock = clock "([.][0-9]+)?([Zz]|[+-][0-9][0-9]:[0-9][0-9])"
        }
        {
            line = substr($0, index($0, "\t") + 1)
            told = ""
            while (match(line, clock)) {
                from = RSTART
                length_of = RLENGTH
                moment = seconds(substr(line, from, length_of))
                if (before == "") before = moment
                told = told substr(line, 1, from - 1)
                told = told (wanted == "no" ? "<time>" : sprintf("<time %.3f %.3f>", moment - $1, moment - before))
                line = substr(line, from + length_of)
                before = moment
            }
            print substr(told line, 1, 4000)
        }'
}

# differing: which line of two files of what `timed` tells does not say the same, if one does not. A time may be
# 2.5 s nearer to its answer than in the run, or farther from it, and 1.2 s to the time before it, and as much more as
# the script took itself; but what was the same time in the run is the same now, and the other way around.
differing() {
    awk -v more="$(($(date +%s) - BEGAN))" '
        function differ(number) {
            print "in the run:  " substr(line[0, number], 1, 700)
            print "and now:     " substr(line[1, number], 1, 700)
            exit
        }
        function near(one, other, room) { return one - other <= room && other - one <= room }
        { line[FILENAME != ARGV[1], FNR] = $0; last[FILENAME != ARGV[1]] = FNR }
        END {
            if (last[0] != last[1]) differ(1)
            for (number = 1; number <= last[0]; number++) {
                one = line[0, number]
                other = line[1, number]
                while (match(one, /<time [^>]*>/)) {
                    split(substr(one, RSTART + 6, RLENGTH - 7), was, " ")
                    if (substr(other, 1, RSTART + 5) != substr(one, 1, RSTART + 5)) differ(number)
                    one = substr(one, RSTART + RLENGTH)
                    match(other, /<time [^>]*>/)
                    split(substr(other, RSTART + 6, RLENGTH - 7), is, " ")
                    other = substr(other, RSTART + RLENGTH)
                    if (!near(was[1], is[1], 2.5 + more) || !near(was[2], is[2], 1.2 + more)) differ(number)
                    if ((was[2] == 0) != (is[2] == 0)) differ(number)
                }
                if (one != other) differ(number)
            }
        }' "$1" "$2"
}

# same_as_in_the_run NUMBER...: whether these requests were answered as in the run, which is told on standard input.
same_as_in_the_run() {
    cat >"$FOLDER/then"
    for number in "$@"; do
        {
            facts "$number"
            printf ' '
            content "$number"
            printf '\n'
        } | plain
    done | timed >"$FOLDER/now"
    differing "$FOLDER/then" "$FOLDER/now" >"$FOLDER/difference"
    [ ! -s "$FOLDER/difference" ]
}
